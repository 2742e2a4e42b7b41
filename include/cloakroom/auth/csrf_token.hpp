// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_CSRF_TOKEN_HPP
#define CLOAKROOM_AUTH_CSRF_TOKEN_HPP

#include <cloakroom/core/constant_time.hpp>
#include <cloakroom/core/random.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::auth {

/// A secret has 32 characters of a-z, A-Z, 0-9 (S-600), a token in a page 64: a mask and the masked secret.
inline constexpr std::size_t csrf_secret_length = 32;
inline constexpr std::size_t csrf_token_length = 2 * csrf_secret_length;

enum class CsrfFormat { good, bad_length, bad_characters };

/// Whether a text is a secret or a token by its looks (S-603).
constexpr CsrfFormat csrf_format(std::string_view text) noexcept;

/// 32 random characters: a new secret, or a mask (S-600).
inline std::string new_csrf_secret();

/// The secret as a page shows it: different each time, so that a compressed page tells nothing about it
/// (S-601). Precondition: `secret` and `mask` are secrets by csrf_format() and their length.
inline std::string mask_csrf_secret(std::string_view secret, std::string_view mask = new_csrf_secret());

/// The secret in a token (S-602). Precondition: a good csrf_format() and 64 characters.
inline std::string unmask_csrf_token(std::string_view token);

/// Whether a submitted token of good csrf_format(), masked or not, is the secret's (S-604). The time tells
/// nothing about the secret.
inline bool csrf_token_matches(std::string_view token, std::string_view secret);

namespace csrf_detail {

inline constexpr int alphabet_size = 62;

/// The place of a character in the alphabet, -1 for others. By arithmetic: a look-up in a table leaves traces
/// of the secret in the processor's cache.
constexpr int index_of(char c) noexcept
{
    auto const within = [c](char first, int count) {
        return static_cast<int>(static_cast<unsigned>(c - first) < static_cast<unsigned>(count));
    };
    return within('a', 26) * (c - 'a' + 1) + within('A', 26) * (c - 'A' + 27) +
           within('0', 10) * (c - '0' + 53) - 1;
}

/// The character at that place.
constexpr char character_at(int index) noexcept
{
    return static_cast<char>('a' + index + static_cast<int>(index >= 26) * ('A' - 'a' - 26) +
                             static_cast<int>(index >= 52) * ('0' - 'A' - 26));
}

/// The sum or difference of two places, without a division, whose time may depend on the number.
constexpr int wrapped(int index) noexcept
{
    index += static_cast<int>(index < 0) * alphabet_size;
    return index - static_cast<int>(index >= alphabet_size) * alphabet_size;
}

} // namespace csrf_detail

constexpr CsrfFormat csrf_format(std::string_view text) noexcept
{
    // Django counts code points, not bytes.
    auto const length = static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
    if (length != csrf_secret_length && length != csrf_token_length)
        return CsrfFormat::bad_length;
    auto const is_good =
        std::all_of(text.begin(), text.end(), [](char c) { return csrf_detail::index_of(c) >= 0; });
    return is_good ? CsrfFormat::good : CsrfFormat::bad_characters;
}

inline std::string new_csrf_secret()
{
    std::string text(csrf_secret_length, '\0');
    fill_with_random<csrf_detail::alphabet_size>(
        text, [](std::size_t i) { return csrf_detail::character_at(static_cast<int>(i)); });
    return text;
}

inline std::string mask_csrf_secret(std::string_view secret, std::string_view mask)
{
    std::string token{mask};
    token.reserve(csrf_token_length);
    for (std::size_t i = 0; i < csrf_secret_length; ++i)
        token += csrf_detail::character_at(
            csrf_detail::wrapped(csrf_detail::index_of(secret[i]) + csrf_detail::index_of(mask[i])));
    return token;
}

inline std::string unmask_csrf_token(std::string_view token)
{
    std::string secret;
    secret.reserve(csrf_secret_length);
    for (std::size_t i = 0; i < csrf_secret_length; ++i)
        secret += csrf_detail::character_at(csrf_detail::wrapped(
            csrf_detail::index_of(token[csrf_secret_length + i]) - csrf_detail::index_of(token[i])));
    return secret;
}

inline bool csrf_token_matches(std::string_view token, std::string_view secret)
{
    if (token.size() == csrf_token_length)
        return constant_time_equal(unmask_csrf_token(token), secret);
    return constant_time_equal(token, secret);
}

} // namespace cloakroom::inline v0::auth

#endif
