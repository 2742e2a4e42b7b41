// SPDX-License-Identifier: MIT
#include <cloakroom/core/big_integer.hpp>
#include <cloakroom/core/hex.hpp>
#include <cloakroom/serializer/json.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

// Reads lines and answers each with one, for json.py:
//   L<JSON>    loads it:   <the value's plain form> <what dumps makes of it>
//   D<plain>   builds the value from its plain form: what dumps makes of it
// The plain form leaves nothing to interpret: n, t and f; i<decimal>; r<the 16 hexadecimal digits of a
// double>; s<the hexadecimal digits of the UTF-8 of a text>; [<values>]; {<texts and values by turns>}. Of
// NaN there is one: rnan;

namespace {

namespace cr = cloakroom;
namespace serializer = cr::serializer;

void put_text(std::string& out, std::string_view text)
{
    out += 's';
    for (auto const character : text) {
        auto const byte = static_cast<unsigned char>(character);
        out += cr::hex_digits[byte >> 4U];
        out += cr::hex_digits[byte & 15U];
    }
    out += ';';
}

void put(std::string& out, cr::Value const& value);

void put(std::string& out, cr::Dict const& dict)
{
    out += '{';
    for (auto const& [key, value] : dict) {
        put_text(out, key);
        put(out, value);
    }
    out += '}';
}

void put(std::string& out, cr::Value const& value)
{
    value.visit([&out](auto const& held) {
        using Held = std::remove_cvref_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::nullptr_t>) {
            out += 'n';
        } else if constexpr (std::is_same_v<Held, bool>) {
            out += held ? 't' : 'f';
        } else if constexpr (std::is_same_v<Held, double>) {
            out += 'r';
            if (held != held)
                out += "nan";
            else
                for (int shift = 60; shift >= 0; shift -= 4)
                    out += cr::hex_digits[(std::bit_cast<std::uint64_t>(held) >> shift) & 15U];
            out += ';';
        } else if constexpr (std::is_integral_v<Held>) {
            out += 'i' + std::to_string(held) + ';';
        } else if constexpr (std::is_same_v<Held, cr::BigInteger>) {
            out += 'i' + held.digits() + ';';
        } else if constexpr (std::is_same_v<Held, std::string>) {
            put_text(out, held);
        } else if constexpr (std::is_same_v<Held, cr::Dict>) {
            put(out, held);
        } else {
            out += '[';
            for (auto const& element : held)
                put(out, element);
            out += ']';
        }
    });
}

class PlainForm {
public:
    explicit PlainForm(std::string_view text) : rest_{text} {}

    cr::Value value()
    {
        switch (take()) {
        case 'n':
            return nullptr;
        case 't':
            return true;
        case 'f':
            return false;
        case 'i':
            return cr::BigInteger::parse(until_semicolon()).value();
        case 'r':
            return real(until_semicolon());
        case 's':
            return text(until_semicolon());
        case '[': {
            cr::Array array;
            while (rest_.front() != ']')
                array.push_back(value());
            take();
            return array;
        }
        case '{': {
            cr::Dict dict;
            while (rest_.front() != '}') {
                take(); // the key's s
                auto const key = text(until_semicolon());
                dict[key] = value();
            }
            take();
            return dict;
        }
        default:
            throw std::runtime_error{"no plain form of a value"};
        }
    }

private:
    char take()
    {
        auto const first = rest_.front();
        rest_.remove_prefix(1);
        return first;
    }

    std::string_view until_semicolon()
    {
        auto const part = rest_.substr(0, rest_.find(';'));
        rest_.remove_prefix(part.size() + 1);
        return part;
    }

    static double real(std::string_view hex)
    {
        if (hex == "nan")
            return std::numeric_limits<double>::quiet_NaN();
        return std::bit_cast<double>(static_cast<std::uint64_t>(std::stoull(std::string{hex}, nullptr, 16)));
    }

    static std::string text(std::string_view hex)
    {
        std::string bytes;
        for (std::size_t i = 0; i < hex.size(); i += 2)
            bytes += static_cast<char>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16));
        return bytes;
    }

    std::string_view rest_;
};

std::string answer(std::string_view line)
{
    if (line.starts_with('D')) {
        auto const value = PlainForm{line.substr(1)}.value();
        return serializer::Json{}.dump(*value.get_if<cr::Dict>());
    }
    auto const dict = serializer::Json{}.load(line.substr(1));
    if (!dict)
        return "refused";
    std::string plain;
    put(plain, *dict);
    return plain + " " + serializer::Json{}.dump(*dict);
}

} // namespace

int main()
{
    std::ios::sync_with_stdio(false);
    for (std::string line; std::getline(std::cin, line);)
        std::cout << answer(line) << '\n';
    return EXIT_SUCCESS;
}
