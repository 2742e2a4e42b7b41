// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_CSRF_ORIGIN_HPP
#define CLOAKROOM_AUTH_CSRF_ORIGIN_HPP

#include <cloakroom/core/cookie_token.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::auth {

/// A URL as far as the check looks at it: `scheme://host:port` and the rest.
struct CsrfUrl {
    std::string scheme;    ///< lower case; empty when the text begins with none
    std::string_view host; ///< as it is written, with the port and whatever stands before an @
    std::string_view rest; ///< from the first / ? or # on

    /// Nothing where the host is no host: control characters, spaces, bytes beyond ASCII, brackets that do
    /// not pair. The views are of `text`.
    static std::optional<CsrfUrl> parse(std::string_view text);

    /// The URL again: scheme in lower case, a ? or # with nothing behind it left out, as Python's geturl().
    std::string text() const;
};

/// Whether a host is the pattern's domain (S-611): equal to it, or for a pattern with a dot before it, equal
/// to what follows the dot or a subdomain of that. The pattern is lower-cased, the host is not.
inline bool is_same_domain(std::string_view host, std::string_view pattern);

/// What CSRF_TRUSTED_ORIGINS says: `https://example.com`, or `https://*.example.com` for the domain and all
/// below it.
class TrustedOrigins {
public:
    explicit TrustedOrigins(std::vector<std::string> const& origins);

    /// Why an entry would never match anything; empty when it may.
    static std::string_view problem(std::string_view origin);

    /// Whether the Origin header is one of these (S-609). An entry without a star is compared byte by byte.
    bool has_origin(std::string_view origin) const;

    /// Whether the host of an HTTPS page is one of these (S-610). Their schemes do not matter here.
    bool has_host(std::string_view host) const;

private:
    struct Entry {
        std::string exact; // without a star: the whole origin
        std::string scheme;
        std::string host; // with a star: from the dot on
    };

    std::vector<Entry> entries_;
};

inline std::optional<CsrfUrl> CsrfUrl::parse(std::string_view text)
{
    auto const is_letter = [](char c) { return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'; };
    auto const is_scheme = [is_letter](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    };
    CsrfUrl url{{}, {}, text};
    auto const colon = text.find(':');
    if (colon != std::string_view::npos && colon > 0 && is_letter(text.front()) &&
        std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), is_scheme)) {
        url.scheme = text.substr(0, colon);
        std::transform(url.scheme.begin(), url.scheme.end(), url.scheme.begin(), ascii_lower);
        url.rest.remove_prefix(colon + 1);
    }
    if (url.rest.starts_with("//")) {
        url.rest.remove_prefix(2);
        url.host = url.rest.substr(0, url.rest.find_first_of("/?#"));
        url.rest.remove_prefix(url.host.size());
    }
    auto const is_foreign = [](char c) { return c <= ' ' || c > '~'; };
    auto const has = [&url](char c) { return url.host.find(c) != std::string_view::npos; };
    if (std::any_of(url.host.begin(), url.host.end(), is_foreign) || has('[') != has(']'))
        return std::nullopt;
    return url;
}

inline std::string CsrfUrl::text() const
{
    auto const fragment = std::min(rest.find('#'), rest.size());
    auto const query = std::min(rest.find('?'), fragment);
    std::string result = scheme + "://" + std::string{host} + std::string{rest.substr(0, query)};
    if (fragment - query > 1)
        result += rest.substr(query, fragment - query);
    if (rest.size() - fragment > 1)
        result += rest.substr(fragment);
    return result;
}

inline bool is_same_domain(std::string_view host, std::string_view pattern)
{
    if (pattern.empty())
        return false;
    std::string domain{pattern};
    std::transform(domain.begin(), domain.end(), domain.begin(), ascii_lower);
    return host == domain ||
           (domain.front() == '.' && (host.ends_with(domain) || host == std::string_view{domain}.substr(1)));
}

inline std::string_view TrustedOrigins::problem(std::string_view origin)
{
    auto const url = CsrfUrl::parse(origin);
    if (!url)
        return "is no origin; write https://example.com";
    if (url->scheme.empty() || url->host.empty())
        return "has no scheme; write https://example.com";
    if (!url->rest.empty())
        return "has more than scheme, host and port, which no browser sends; write https://example.com";
    auto const star = url->host.rfind('*');
    if (star != std::string_view::npos && (star != 0 || !url->host.starts_with("*.")))
        return "has a star elsewhere than before the first dot; write https://*.example.com";
    return {};
}

inline TrustedOrigins::TrustedOrigins(std::vector<std::string> const& origins)
{
    for (auto const& origin : origins)
        if (auto url = CsrfUrl::parse(origin)) {
            auto const has_star = url->host.starts_with('*');
            entries_.push_back({has_star ? std::string{} : origin, std::move(url->scheme),
                                std::string{has_star ? url->host.substr(1) : url->host}});
        }
}

inline bool TrustedOrigins::has_origin(std::string_view origin) const
{
    auto const url = CsrfUrl::parse(origin);
    return std::any_of(entries_.begin(), entries_.end(), [&](Entry const& entry) {
        if (!entry.exact.empty())
            return origin == entry.exact;
        return url && url->scheme == entry.scheme && is_same_domain(url->host, entry.host);
    });
}

inline bool TrustedOrigins::has_host(std::string_view host) const
{
    return std::any_of(entries_.begin(), entries_.end(),
                       [host](Entry const& entry) { return is_same_domain(host, entry.host); });
}

} // namespace cloakroom::inline v0::auth

#endif
