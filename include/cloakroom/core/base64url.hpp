// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_BASE64URL_HPP
#define CLOAKROOM_CORE_BASE64URL_HPP

#include <cloakroom/core/base64url_avx2.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace cloakroom::inline v0 {

// Base64 with '-' and '_' and without padding (S-402), by tables. Its time depends on the data: a payload or
// a finished signature may pass through it, a key may not.

/// How long the text of `bytes` bytes is.
constexpr std::size_t base64url_size(std::size_t bytes) noexcept
{
    return bytes / 3 * 4 + (bytes % 3 == 0 ? 0 : bytes % 3 + 1);
}

/// Writes the base64url_size(bytes.size()) characters of the text to `out`, and returns where they end.
char* base64url_encode_to(std::string_view bytes, char* out) noexcept;

/// The text of the bytes.
inline std::string base64url_encode(std::string_view bytes)
{
    std::string text(base64url_size(bytes.size()), '\0');
    base64url_encode_to(bytes, text.data());
    return text;
}

/// The bytes of a text, read as Python's urlsafe_b64decode reads it once it is padded to a multiple of four
/// characters (S-420): '+' and '/' count as '-' and '_', other foreign characters are skipped, and padding in
/// the text ends it. Nothing when the number of characters is impossible, or when the characters skipped
/// leave it without the padding that it needs.
std::optional<std::string> base64url_decode(std::string_view text);

/// How many bytes a text of so many characters stands for.
constexpr std::size_t base64url_bytes(std::size_t characters) noexcept
{
    return characters / 4 * 3 + characters % 4 * 3 / 4;
}

/// Writes the base64url_bytes(text.size()) bytes of a text that base64url_encode made to `out`, which has
/// room for four more. False for every other way to write them, with anything in `out`.
bool base64url_decode_exactly(std::string_view text, char* out) noexcept;

namespace base64url_detail {

inline constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
inline constexpr std::uint8_t foreign = 64;

/// Two characters for each 12 bits.
inline constexpr auto pairs = [] {
    std::array<std::array<char, 2>, 4096> table{};
    for (std::size_t i = 0; i < table.size(); ++i)
        table[i] = {alphabet[i >> 6], alphabet[i & 63]};
    return table;
}();

/// Six bits for each character, or `foreign`.
inline constexpr auto sextets = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(foreign);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
    table['+'] = table['-'];
    table['/'] = table['_'];
    return table;
}();

/// A character's part of a group's three bytes, by its place in the group; the first byte is the lowest. The
/// bits of a foreign character lie above the three bytes.
inline constexpr auto parts = [] {
    std::array<std::array<std::uint32_t, 256>, 4> table{};
    for (std::size_t c = 0; c < 256; ++c)
        for (std::size_t place = 0; place < 4; ++place) {
            auto const bits = std::uint32_t{sextets[c]} << (18 - 6 * place);
            table[place][c] =
                sextets[c] == foreign ? 0xff000000U : (bits >> 16 | (bits & 0xff00U) | (bits & 0xffU) << 16);
        }
    return table;
}();

inline char* put_pair(std::uint64_t bits, char* out) noexcept
{
    std::memcpy(out, pairs[bits & 0xfffU].data(), 2);
    return out + 2;
}

/// Writes three bytes, and may write a fourth one after them.
inline void put_group(std::uint32_t group, char* out) noexcept
{
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(out, &group, 4);
    } else {
        out[0] = static_cast<char>(group);
        out[1] = static_cast<char>(group >> 8);
        out[2] = static_cast<char>(group >> 16);
    }
}

/// The 24 bits of four characters; more than that where one of them is foreign.
inline std::uint32_t group_of(std::uint8_t const* in) noexcept
{
    return parts[0][in[0]] | parts[1][in[1]] | parts[2][in[2]] | parts[3][in[3]];
}

/// Python's lenient reader for what is left after a multiple of four clean characters. `padding` follows the
/// text.
inline bool decode_rest(std::string_view rest, std::size_t padding, std::string& bytes)
{
    std::uint32_t bits = 0;
    std::size_t place = 0; // in the group of four
    std::size_t pads = 0;
    for (std::size_t i = 0; i < rest.size() + padding; ++i) {
        auto const c = i < rest.size() ? rest[i] : '=';
        if (c == '=') {
            if (place >= 2 && place + ++pads >= 4)
                return true;
            continue;
        }
        auto const sextet = sextets[static_cast<std::uint8_t>(c)];
        if (sextet == foreign)
            continue;
        pads = 0;
        bits = bits << 6 | sextet;
        if (place > 0)
            bytes += static_cast<char>(bits >> (6 - 2 * place));
        place = (place + 1) % 4;
    }
    return place == 0;
}

} // namespace base64url_detail

inline char* base64url_encode_to(std::string_view bytes, char* out) noexcept
{
    using base64url_detail::put_pair;
    if (bytes.size() >= 28 && base64url_detail::has_avx2()) {
        auto const done = base64url_detail::encode_avx2(bytes.data(), bytes.size(), out);
        bytes.remove_prefix(done.read);
        out += done.written;
    }
    auto const* in = reinterpret_cast<std::uint8_t const*>(bytes.data());
    auto left = bytes.size();
    for (; left >= 8; left -= 6, in += 6) { // eight are read, six are used
        auto const bits = std::uint64_t{in[0]} << 56 | std::uint64_t{in[1]} << 48 |
                          std::uint64_t{in[2]} << 40 | std::uint64_t{in[3]} << 32 |
                          std::uint64_t{in[4]} << 24 | std::uint64_t{in[5]} << 16 |
                          std::uint64_t{in[6]} << 8 | std::uint64_t{in[7]};
        out = put_pair(bits >> 52, out);
        out = put_pair(bits >> 40, out);
        out = put_pair(bits >> 28, out);
        out = put_pair(bits >> 16, out);
    }
    for (; left >= 3; left -= 3, in += 3) {
        auto const bits = std::uint32_t{in[0]} << 16 | std::uint32_t{in[1]} << 8 | in[2];
        out = put_pair(bits >> 12, out);
        out = put_pair(bits, out);
    }
    if (left == 0)
        return out;
    out = put_pair(std::uint32_t{in[0]} << 4 | (left == 2 ? in[1] >> 4 : 0), out);
    if (left == 2)
        *out++ = base64url_detail::alphabet[(in[1] & 15U) << 2];
    return out;
}

inline std::optional<std::string> base64url_decode(std::string_view text)
{
    auto const* in = reinterpret_cast<std::uint8_t const*>(text.data());
    std::string bytes(text.size() / 4 * 3 + 3, '\0');
    std::size_t read = 0;
    std::size_t written = 0;
    if (text.size() >= 36 && base64url_detail::has_avx2()) {
        auto const done = base64url_detail::decode_avx2(text.data(), text.size(), bytes.data());
        read = done.read;
        written = done.written;
    }
    for (; read + 4 <= text.size(); read += 4, written += 3) {
        auto const group = base64url_detail::group_of(in + read);
        if (group > 0xffffffU)
            break;
        base64url_detail::put_group(group, bytes.data() + written);
    }
    bytes.resize(written);
    if (!base64url_detail::decode_rest(text.substr(read), (4 - text.size() % 4) % 4, bytes))
        return std::nullopt;
    return bytes;
}

inline bool base64url_decode_exactly(std::string_view text, char* out) noexcept
{
    using base64url_detail::parts;
    if (text.size() >= 36 && base64url_detail::has_avx2()) {
        auto const done = base64url_detail::decode_avx2(text.data(), text.size(), out);
        text.remove_prefix(done.read);
        out += done.written;
    }
    // The tables take '+' and '/' as well. Of what they take only these two and '-' have neither the bit of
    // the digits nor that of the letters, and only '-' lacks the bit that is asked for.
    auto const has_old_spelling = [](std::uint32_t characters) {
        return (~(characters >> 4 | characters >> 6) & characters >> 1 & 0x01010101U) != 0;
    };
    auto const* const in = reinterpret_cast<std::uint8_t const*>(text.data());
    std::uint32_t foreign = 0;
    bool is_exact = true;
    std::size_t read = 0;
    for (; read + 4 <= text.size(); read += 4, out += 3) {
        std::uint32_t characters = 0;
        std::memcpy(&characters, in + read, 4);
        is_exact &= !has_old_spelling(characters);
        auto const group = base64url_detail::group_of(in + read);
        foreign |= group;
        base64url_detail::put_group(group, out);
    }
    auto const left = text.size() - read;
    if (left == 1)
        return false;
    if (left > 1) {
        std::uint32_t characters = 0;
        std::memcpy(&characters, in + read, left);
        is_exact &= !has_old_spelling(characters);
        auto const group =
            parts[0][in[read]] | parts[1][in[read + 1]] | (left == 3 ? parts[2][in[read + 2]] : 0);
        is_exact &= (group & (left == 3 ? 0xff0000U : 0xff00U)) == 0; // bits that stand for no byte
        foreign |= group;
        base64url_detail::put_group(group, out);
    }
    return is_exact && foreign >> 24 == 0;
}

} // namespace cloakroom::inline v0

#endif
