// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_SESSION_ADMIN_SIGNERS_HPP
#define EXAMPLES_SESSION_ADMIN_SIGNERS_HPP

// Who vouches for the data: the site's key; or nobody, for those who ask for it.

#include "options.hpp"

#include <cloakroom.hpp>
#include <cloakroom/core/base64url.hpp>
#include <cloakroom/core/zlib.hpp>

#include <concepts>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace session_admin {

namespace cr = cloakroom;

/// Reads Django's signed texts without looking at the signature. A policy of this program's own: the library
/// has none that trusts everybody with such a text.
class Unverified {
public:
    static constexpr auto output = cr::Content::text;

    struct Bound {
        static std::string sign(std::string_view, cr::TimePoint)
        {
            throw cr::TypeError{"What nobody has verified is not signed."};
        }
        static cr::Result<std::string, cr::Rejection> unsign(std::string_view text, cr::TimePoint,
                                                             std::optional<cr::Duration>)
        {
            auto payload = text.substr(0, text.find(':'));
            auto const is_compressed = payload.starts_with('.');
            payload.remove_prefix(is_compressed ? 1 : 0);
            auto bytes = cr::base64url_decode(payload);
            if (bytes && is_compressed)
                bytes = cr::Inflater{}.decompress(*bytes, cr::max_payload_size);
            if (!bytes)
                return cr::Rejection::malformed;
            return *std::move(bytes);
        }
    };
    static Bound bind(std::string_view) { return {}; }
};
static_assert(cr::SignerPolicy<Unverified>);

/// The secret in a file, which is not made when it is missing.
inline cr::Secret read_secret(std::string const& file)
{
    if (!std::filesystem::exists(file))
        throw Misuse{"there is no file " + file};
    return cr::Secret::load_or_create(file);
}

/// A signer with the site's keys. No argument takes a key itself: all users see the arguments of a process.
inline cr::signer::Hmac site_signer(Options const& options)
{
    cr::signer::HmacOptions old;
    if (options.fallback_file) {
        auto const keys = read_secret(*options.fallback_file);
        for (auto rest = keys.reveal(); !rest.empty();) {
            auto const line = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(line.size() == rest.size() ? line.size() : line.size() + 1);
            if (!line.empty())
                old.fallback_keys.emplace_back(line);
        }
    }
    if (options.secret_file)
        return cr::signer::Hmac{read_secret(*options.secret_file), std::move(old)};
    if (auto const* const key = std::getenv("CLOAKROOM_SECRET_KEY"); key != nullptr && *key != '\0')
        return cr::signer::Hmac{cr::Secret{key}, std::move(old)};
    throw Misuse{"the site's SECRET_KEY is needed: --secret-file FILE, or CLOAKROOM_SECRET_KEY in the "
                 "environment. --unverified reads the data without it"};
}

/// Calls `use(signer)` with the signer that reads what an engine signed with `Signer` has stored.
template <class Signer, class Use>
void with_signer(Options const& options, Use const& use)
{
    if constexpr (std::same_as<Signer, cr::signer::Unsigned>)
        use(Signer{});
    else if (options.unverified)
        use(Unverified{});
    else
        use(site_signer(options));
}

} // namespace session_admin

#endif
