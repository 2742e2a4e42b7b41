// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HTTP_OUTCOME_HPP
#define CLOAKROOM_HTTP_OUTCOME_HPP

#include <string>
#include <vector>

namespace cloakroom::inline v0::http {

/// A header of a response; neither name nor value has a line break.
struct Header {
    std::string name;
    std::string value;

    friend bool operator==(Header const&, Header const&) = default;
};

/// What the middleware wants of a response. Every Set-Cookie is appended, none replaced; Vary is merged with
/// the one that is there (patch_vary); Cache-Control takes the place of those that are there.
struct Outcome {
    /// The status given to close(), or 400 when the session was ended elsewhere while the request ran
    /// (S-311).
    int status;
    std::vector<Header> headers;

    /// Whether the response must be replaced by an error answer.
    bool interrupted = false;

    friend bool operator==(Outcome const&, Outcome const&) = default;
};

} // namespace cloakroom::inline v0::http

#endif
