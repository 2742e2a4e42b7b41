// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_REDIS_SCRIPT_HPP
#define CLOAKROOM_STORAGE_REDIS_SCRIPT_HPP

#include <cloakroom/core/hex.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cloakroom::inline v0::storage::detail {

/// The SHA-1 of a text in hexadecimal digits, which is how a Redis server names a script that it knows.
/// Nothing here relies on its being hard to forge.
class ScriptName {
public:
    constexpr explicit ScriptName(std::string_view text);
    constexpr std::string_view text() const { return {digits_.data(), digits_.size()}; }

private:
    using State = std::array<std::uint32_t, 5>;

    static constexpr std::uint8_t padded_byte(std::string_view text, std::size_t index, std::size_t size);
    static constexpr void add_block(State& state, std::array<std::uint32_t, 80> words);

    std::array<char, 40> digits_{};
};

/// Some texts one after the other, at compile time.
template <std::string_view const&... Parts>
class JoinedText {
    static constexpr auto characters = [] {
        std::array<char, (Parts.size() + ...)> all{};
        auto* end = all.data();
        ((end = std::copy(Parts.begin(), Parts.end(), end)), ...);
        return all;
    }();

public:
    static constexpr std::string_view value{characters.data(), characters.size()};
};

/// A Lua program that the server runs as one step, and its name there.
struct RedisScript {
    constexpr explicit RedisScript(std::string_view source) : text(source), name(source) {}

    std::string_view text;
    ScriptName name;
};

constexpr ScriptName::ScriptName(std::string_view text)
{
    State state{0x6745'2301, 0xefcd'ab89, 0x98ba'dcfe, 0x1032'5476, 0xc3d2'e1f0};
    auto const size = (text.size() + 8) / 64 * 64 + 64;
    for (std::size_t start = 0; start < size; start += 64) {
        std::array<std::uint32_t, 80> words{};
        for (std::size_t i = 0; i < 64; ++i)
            words[i / 4] = words[i / 4] << 8 | padded_byte(text, start + i, size);
        add_block(state, words);
    }
    for (std::size_t i = 0; i < digits_.size(); ++i)
        digits_[i] = hex_digits[state[i / 8] >> (28 - i % 8 * 4) & 15];
}

constexpr std::uint8_t ScriptName::padded_byte(std::string_view text, std::size_t index, std::size_t size)
{
    if (index < text.size())
        return static_cast<std::uint8_t>(text[index]);
    if (index == text.size())
        return 0x80;
    auto const place = size - 1 - index; // the length in bits stands in the last eight bytes
    return place < 8 ? static_cast<std::uint8_t>(std::uint64_t{text.size()} * 8 >> place * 8)
                     : std::uint8_t{0};
}

constexpr void ScriptName::add_block(State& state, std::array<std::uint32_t, 80> words)
{
    for (std::size_t i = 16; i < 80; ++i)
        words[i] = std::rotl(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
    auto [a, b, c, d, e] = state;
    for (std::size_t i = 0; i < 80; ++i) {
        auto const mixed = i < 20   ? ((b & c) | (~b & d)) + 0x5a82'7999
                           : i < 40 ? (b ^ c ^ d) + 0x6ed9'eba1
                           : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1b'bcdc
                                    : (b ^ c ^ d) + 0xca62'c1d6;
        auto const first = std::rotl(a, 5) + mixed + e + words[i];
        e = d;
        d = c;
        c = std::rotl(b, 30);
        b = a;
        a = first;
    }
    state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e};
}

} // namespace cloakroom::inline v0::storage::detail

#endif
