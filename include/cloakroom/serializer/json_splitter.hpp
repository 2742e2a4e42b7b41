// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_JSON_SPLITTER_HPP
#define CLOAKROOM_SERIALIZER_JSON_SPLITTER_HPP

#include <cloakroom/core/limits.hpp>
#include <cloakroom/serializer/concept.hpp>
#include <cloakroom/serializer/json_plain_text.hpp>
#include <cloakroom/serializer/json_reader.hpp>
#include <cloakroom/serializer/json_writer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::serializer {

/// Finds the items of an object in its text, without reading their values. Accepts only a text that
/// JsonReader reads and from which JsonWriter makes the same bytes again, so each byte is looked at. Gives up
/// on much nesting and on objects of many items, where reading is no worse. Used once.
class JsonSplitter {
public:
    explicit JsonSplitter(std::string_view text)
        : begin_{text.data()}, at_{begin_}, end_{begin_ + text.size()}
    {
    }

    std::optional<std::vector<TextItem>> split();

private:
    static constexpr std::size_t most_levels = 32;
    static constexpr std::size_t most_names = 64; // in an object and all around it

    struct Name {
        char const* data;
        std::size_t size;
    };

    bool skip_value();
    bool skip_object();
    bool skip_array();
    bool skip_name(std::size_t first);
    bool skip_string();
    bool skip_escape();
    bool skip_number();
    bool skip_any_number(char const* start);

    bool take(char expected)
    {
        if (at_ == end_ || *at_ != expected)
            return false;
        ++at_;
        return true;
    }
    bool take(std::string_view word)
    {
        auto const found = std::string_view{at_, end_}.starts_with(word);
        at_ += found ? word.size() : 0;
        return found;
    }
    std::size_t take_digits()
    {
        auto const* const start = at_;
        while (at_ != end_ && *at_ >= '0' && *at_ <= '9')
            ++at_;
        return static_cast<std::size_t>(at_ - start);
    }
    std::uint32_t offset(char const* place) const { return static_cast<std::uint32_t>(place - begin_); }

    char const* begin_;
    char const* at_;
    char const* end_;
    bool has_escapes_ = false; // since this was last looked at
    std::size_t levels_ = 0;
    std::size_t name_count_ = 0;
    std::array<Name, most_names> names_; // of the objects that are open
};

inline std::optional<std::vector<TextItem>> JsonSplitter::split()
{
    std::optional<std::vector<TextItem>> items{std::in_place};
    if (static_cast<std::size_t>(end_ - begin_) > max_payload_size || !take('{'))
        return std::nullopt;
    if (!take('}')) {
        items->reserve(12);
        do {
            auto const* const name = at_ + 1;
            has_escapes_ = false;
            if (!skip_name(0) || has_escapes_)
                return std::nullopt;
            auto const* const value = at_;
            if (!skip_value())
                return std::nullopt;
            auto& item = items->emplace_back();
            item.name = offset(name);
            item.name_size = static_cast<std::uint32_t>(value - name - 2);
            item.value = offset(value);
            item.value_size = static_cast<std::uint32_t>(at_ - value);
        } while (take(','));
        if (!take('}'))
            return std::nullopt;
    }
    if (at_ != end_)
        return std::nullopt;
    return items;
}

inline bool JsonSplitter::skip_value()
{
    if (at_ == end_)
        return false;
    switch (*at_) {
    case '"':
        return skip_string();
    case '{':
        return skip_object();
    case '[':
        return skip_array();
    case 't':
        return take("true");
    case 'f':
        return take("false");
    case 'n':
        return take("null");
    default:
        return skip_number();
    }
}

inline bool JsonSplitter::skip_object()
{
    ++at_;
    if (take('}'))
        return true;
    if (++levels_ > most_levels)
        return false;
    auto const first = name_count_;
    do {
        if (!skip_name(first) || !skip_value())
            return false;
    } while (take(','));
    name_count_ = first;
    --levels_;
    return take('}');
}

inline bool JsonSplitter::skip_array()
{
    ++at_;
    if (take(']'))
        return true;
    if (++levels_ > most_levels)
        return false;
    do {
        if (!skip_value())
            return false;
    } while (take(','));
    --levels_;
    return take(']');
}

/// A name and its colon. False if one of the names from `first` on is the same. Names that differ are written
/// differently, so the texts are compared.
inline bool JsonSplitter::skip_name(std::size_t first)
{
    auto const* const start = at_;
    if (!skip_string() || name_count_ == most_names)
        return false;
    std::string_view const name{start, at_};
    for (auto i = first; i < name_count_; ++i)
        if (name == std::string_view{names_[i].data, names_[i].size})
            return false;
    names_[name_count_++] = {name.data(), name.size()};
    return take(':');
}

inline bool JsonSplitter::skip_string()
{
    if (!take('"'))
        return false;
    while (true) {
        at_ = skip_plain(at_, end_);
        if (take('"'))
            return true;
        if (!skip_escape())
            return false;
    }
}

/// Each character has one way to be written: as it is, or by a letter, or by its number in lower case.
inline bool JsonSplitter::skip_escape()
{
    constexpr std::string_view letters = "\"\\nrtbf";
    constexpr std::string_view have_letters = "\n\r\t\b\f";
    if (!take('\\') || at_ == end_)
        return false;
    has_escapes_ = true;
    if (*at_ != 'u')
        return letters.find(*at_++) != std::string_view::npos;
    constexpr std::ptrdiff_t size = 5;
    if (end_ - at_ < size)
        return false;
    unsigned unit = 0;
    for (auto const* const last = at_ + size; ++at_ != last;) {
        auto const is_digit = *at_ >= '0' && *at_ <= '9';
        if (!is_digit && (*at_ < 'a' || *at_ > 'f'))
            return false;
        unit = unit * 16 + static_cast<unsigned>(is_digit ? *at_ - '0' : *at_ - 'a' + 10);
    }
    return unit > '~' || (unit < ' ' && have_letters.find(static_cast<char>(unit)) == std::string_view::npos);
}

inline bool JsonSplitter::skip_number()
{
    auto const* const start = at_;
    auto const is_negative = take('-');
    auto const* const whole = at_;
    auto const digits = take_digits();
    if (digits == 0 || (digits > 1 && *whole == '0'))
        return skip_any_number(start);
    auto const is_zero = *whole == '0';
    if (at_ == end_ || (*at_ != '.' && *at_ != 'e' && *at_ != 'E'))
        return digits <= max_integer_digits && !(is_zero && is_negative);
    if (!take('.'))
        return skip_any_number(start);
    // Up to 15 digits always come back from a double as they went in. Without zeros behind them they are the
    // shortest ones, and from 0.0001 on no exponent is used.
    auto const* const fraction = at_;
    auto const places = take_digits();
    if (places == 0 || digits + places > 15 || (at_ != end_ && (*at_ == 'e' || *at_ == 'E')))
        return skip_any_number(start);
    if (at_[-1] == '0')
        return places == 1;
    return !is_zero || !std::string_view{fraction, at_}.starts_with("0000") || skip_any_number(start);
}

/// A number of any form, or a word for one: read and written to see whether it stays the same.
inline bool JsonSplitter::skip_any_number(char const* start)
{
    at_ = start;
    if (take("NaN") || take("Infinity") || take("-Infinity"))
        return true;
    constexpr std::string_view characters = "0123456789+-.e";
    constexpr std::size_t longest = 24; // of a double: -1.2345678901234567e-123
    while (at_ != end_ && characters.find(*at_) != std::string_view::npos)
        ++at_;
    std::string_view const text{start, at_};
    if (text.size() > longest)
        return false;
    auto const number = JsonReader{text}.read();
    if (!number)
        return false;
    JsonWriter writer;
    writer.write(*number);
    return writer.take() == text;
}

} // namespace cloakroom::inline v0::serializer

#endif
