// SPDX-License-Identifier: MIT
#include <cloakroom/core/base64url.hpp>

#include "support/catch.hpp"
#include "support/vectors.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace {

namespace cr = cloakroom;

std::string bytes_of_all_kinds(std::size_t size)
{
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i)
        bytes += static_cast<char>(i * 2'654'435'761U >> 11);
    return bytes;
}

/// The text book's way, bit by bit.
std::string slow_encode(std::string_view bytes)
{
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text;
    unsigned bits = 0;
    int count = 0;
    for (auto const c : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(c);
        for (count += 8; count >= 6; count -= 6)
            text += alphabet[bits >> (count - 6) & 63];
    }
    if (count > 0)
        text += alphabet[bits << (6 - count) & 63];
    return text;
}

} // namespace

TEST_CASE("base64url is Django's in both directions (S-402, S-420)")
{
    for (auto const& entry : vectors({"base64", "encode"}).as<cr::Array>()) {
        auto const pair = entry.as<cr::Array>();
        CHECK(cr::base64url_encode(from_hex(pair[0].as<std::string>())) == pair[1].as<std::string>());
    }
    for (auto const& entry : vectors({"base64", "decode"}).as<cr::Array>()) {
        auto const pair = entry.as<cr::Array>();
        auto const text = pair[0].as<std::string>();
        CAPTURE(text);
        auto const bytes = cr::base64url_decode(text);
        if (pair[1].get_if<cr::Dict>()->contains("ok"))
            CHECK(bytes == from_hex(text_at(pair[1], "ok")));
        else
            CHECK(bytes == std::nullopt);
    }
}

TEST_CASE("base64url of every length is the text book's and comes back")
{
    for (std::size_t size = 0; size < 300; ++size) {
        auto const bytes = bytes_of_all_kinds(size);
        auto const text = cr::base64url_encode(bytes);
        CHECK(text == slow_encode(bytes));
        CHECK(text.size() == cr::base64url_size(size));
        CHECK(cr::base64url_decode(text) == bytes);
    }
}

TEST_CASE("the base64url decoder skips what is foreign wherever it stands (S-420)")
{
    auto const bytes = bytes_of_all_kinds(150); // in the wide groups, the narrow ones and the rest
    auto const text = cr::base64url_encode(bytes);
    for (std::size_t at = 0; at <= text.size(); ++at)
        for (auto const foreign : {' ', '\n', '!', '\0', '\x80', '\xff', '.', ':'})
            CHECK(cr::base64url_decode(std::string{text}.insert(at, 1, foreign)) == bytes);
}

TEST_CASE("every character has its own six bits, at every place of a long text")
{
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (std::size_t at = 0; at < 64; ++at)
        for (int character = 0; character < 256; ++character) {
            auto text = std::string(64, 'A');
            text[at] = static_cast<char>(character);
            auto const bytes = cr::base64url_decode(text);
            if (alphabet.find(text[at]) != std::string_view::npos) {
                REQUIRE(bytes.has_value());
                CHECK(cr::base64url_encode(*bytes) == text);
            } else if (std::string_view{"+/="}.find(text[at]) == std::string_view::npos) {
                // Only 63 characters count in a text of 64, so a '=' is missing.
                CHECK(bytes == std::nullopt);
            }
        }
}

TEST_CASE("the base64url decoder answers as Python's does for padding in strange places")
{
    // urlsafe_b64decode(text + "=" * (-len(text) % 4)) of Python 3.11.
    struct Case {
        std::string_view text;
        std::optional<std::string_view> bytes;
    };
    for (auto const& [text, bytes] : {
             Case{"=", ""},
             Case{"==", ""},
             Case{"====", ""},
             Case{"Z=", std::nullopt},
             Case{"Z===", std::nullopt},
             Case{"Zg=", "f"},
             Case{"Zg==Zg==", "f"},
             Case{"Zg==!", "f"},
             Case{"Zm8=Zm8", "fo"},
             Case{"Zm=8", std::nullopt},
             Case{"=Zm9v", "foo"},
             Case{"Z=m9v", "foo"},
             Case{"Zm9v====", "foo"},
             Case{".Zg", std::nullopt},
             Case{"..Zg", std::nullopt},
             Case{".Zm8", std::nullopt},
             Case{"..Zm8", "fo"},
             Case{"!", ""},
             Case{"!!!!", ""},
         }) {
        CAPTURE(text);
        CHECK(cr::base64url_decode(text) == bytes);
    }
}

TEST_CASE("base64url that has to be exact is read as encode writes it, and in no other way")
{
    auto const exact = [](std::string_view text) -> std::optional<std::string> {
        std::string bytes(cr::base64url_bytes(text.size()) + 4, '\x5a');
        if (!cr::base64url_decode_exactly(text, bytes.data()))
            return std::nullopt;
        bytes.resize(cr::base64url_bytes(text.size()));
        return bytes;
    };
    for (std::size_t size = 0; size < 150; ++size) {
        auto const bytes = bytes_of_all_kinds(size);
        auto text = cr::base64url_encode(bytes);
        CAPTURE(text);
        CHECK(cr::base64url_bytes(text.size()) == size);
        CHECK(exact(text) == bytes);
        // Whatever else stands in one place either means other bytes, which are written so, or nothing.
        for (auto& place : text) {
            auto const right = std::exchange(place, '\0');
            for (int c = 0; c < 256; ++c) {
                place = static_cast<char>(c);
                auto const other = exact(text);
                if (other ? cr::base64url_encode(*other) != text : place == right)
                    FAIL("the character " << c << " at " << &place - text.data());
            }
            place = right;
        }
        for (auto const* const more : {"A", "=", "==", "\n"})
            CHECK((!exact(text + more) || cr::base64url_encode(*exact(text + more)) == text + more));
    }
    CHECK(exact("YQ") == "a");
    for (auto const* const text : {"YR", "YWJ=", "YQ==", "Y", "YWF", "-+-+", "////", "YW Jj", "YW\nJj"})
        CHECK(exact(text) == std::nullopt);
    CHECK(exact("YWE") == "aa");
    CHECK(exact("-_-_").has_value());
}
