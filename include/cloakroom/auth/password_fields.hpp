// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_PASSWORD_FIELDS_HPP
#define CLOAKROOM_AUTH_PASSWORD_FIELDS_HPP

#include <cloakroom/auth/password_hasher.hpp>
#include <cloakroom/core/error.hpp>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace cloakroom::inline v0::auth {

/// Salts of 22 letters and digits hold 128 bits; a field with a shorter one is due for an update (S-707).
inline constexpr std::size_t password_salt_size = 22;

/// Throws ValueError for a salt that a `$`-separated field cannot carry (S-707).
inline void refuse_bad_salt(std::string_view salt)
{
    if (salt.empty() || salt.find('$') != std::string_view::npos)
        throw ValueError{"a password's salt must not be empty, nor contain $"};
}

/// Reads `algorithm$part$part...` from the left. Whatever is not as asked for is a MalformedPassword that
/// names the algorithm and the part, never what stands in it. The texts given stay valid as long as those
/// passed in.
class PasswordFields {
public:
    PasswordFields(std::string_view algorithm, std::string_view encoded)
        : algorithm_(algorithm), rest_(encoded)
    {
        if (encoded.size() > max_encoded_size)
            refuse("the field is too long");
        if (text("algorithm") != algorithm)
            refuse("the field is of another algorithm");
    }

    /// What stands before the next `separator`, which is passed by.
    std::string_view text(std::string_view part, char separator = '$')
    {
        auto const end = rest_.find(separator);
        if (end == std::string_view::npos)
            refuse("the field ends after the " + std::string{part});
        auto const found = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        return found;
    }

    /// All that is left.
    std::string_view rest() const noexcept { return rest_; }

    /// Passes by these characters, which come next.
    void skip(std::string_view expected, std::string_view part)
    {
        if (!rest_.starts_with(expected))
            refuse("there is no " + std::string{part});
        rest_.remove_prefix(expected.size());
    }

    /// The number before the next `separator`: digits, and from `low` to `high`.
    std::uint32_t number(std::string_view part, std::uint32_t low, std::uint32_t high, char separator = '$')
    {
        auto const digits = text(part, separator);
        std::uint32_t value = 0;
        auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error == std::errc::invalid_argument || end != digits.data() + digits.size())
            refuse("the " + std::string{part} + " is no number");
        if (error != std::errc{} || value < low || value > high)
            refuse("the " + std::string{part} + " is not between " + std::to_string(low) + " and " +
                   std::to_string(high));
        return value;
    }

    [[noreturn]] void refuse(std::string_view what) const
    {
        throw MalformedPassword{"a stored password of " + std::string{algorithm_} +
                                " cannot be read: " + std::string{what}};
    }

private:
    std::string_view algorithm_;
    std::string_view rest_;
};

} // namespace cloakroom::inline v0::auth

#endif
