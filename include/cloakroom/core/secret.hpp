// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_SECRET_HPP
#define CLOAKROOM_CORE_SECRET_HPP

#include <cloakroom/core/error.hpp>

#include <botan/secmem.h>
#include <iosfwd>
#include <string>
#include <string_view>

namespace cloakroom::inline v0 {

/// A key as the site's settings have it: text in UTF-8 or any bytes (S-422). It is wiped from memory when the
/// object goes, and cannot be printed. An empty one is refused with ImproperlyConfigured (S-423), also a null
/// pointer, which is what std::getenv gives for a variable that is not set.
///
/// A secret that is not made by a generator gives no security; see load_or_create in secret_file.hpp.
class Secret {
public:
    Secret(std::string_view bytes) : bytes_(bytes.begin(), bytes.end())
    {
        if (bytes_.empty())
            throw ImproperlyConfigured{"secret_key must not be empty"};
    }
    Secret(char const* text) : Secret(text == nullptr ? std::string_view{} : std::string_view{text}) {}
    Secret(std::string const& text) : Secret(std::string_view{text}) {}

    /// The bytes. Valid as long as this object is neither assigned to nor moved from.
    std::string_view reveal() const noexcept { return {bytes_.data(), bytes_.size()}; }

private:
    Botan::secure_vector<char> bytes_;
};

/// A secret is never printed.
template <class Char, class Traits>
std::basic_ostream<Char, Traits>& operator<<(std::basic_ostream<Char, Traits>&, Secret const&) = delete;

} // namespace cloakroom::inline v0

#endif
