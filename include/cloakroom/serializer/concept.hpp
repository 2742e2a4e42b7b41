// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CONCEPT_HPP
#define CLOAKROOM_SERIALIZER_CONCEPT_HPP

#include <cloakroom/core/record.hpp>
#include <cloakroom/core/result.hpp>
#include <cloakroom/core/value.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace cloakroom::inline v0 {

/// Why bytes are not a session. Who wrote them is to blame; the session counts as empty (S-053).
struct DecodeError {
    std::string_view reason; ///< a sentence, static text
    std::size_t offset = 0;  ///< in bytes, where the reader stopped
};

/// How the session's dictionary becomes bytes and back.
///
/// `load(dump(dict))` is `dict` again. Never runs code, never allocates beyond a stated bound, whatever the
/// bytes. Thread-safe through a const object.
template <class S>
concept SerializerPolicy = requires(S const& serializer, Dict const& dict, std::string_view bytes) {
    // The bytes. TypeError for what it cannot write (nesting or size past its limits); nothing is half done.
    { serializer.dump(dict) } -> std::same_as<std::string>;

    // The dictionary, or why there is none. Anything but a dictionary is a DecodeError (S-054).
    { serializer.load(bytes) } -> std::same_as<Result<Dict, DecodeError>>;

    // Content::text when dump writes printable ASCII only, else Content::bytes.
    { S::output } -> std::convertible_to<Content>;
};

} // namespace cloakroom::inline v0

#endif
