// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_CUSTOM_POLICIES_MESSAGE_PACK_READER_HPP
#define EXAMPLES_CUSTOM_POLICIES_MESSAGE_PACK_READER_HPP

#include <cloakroom.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace custom_policies {

namespace cr = cloakroom;

/// Every function answers whether it went well; if not, error() says why. Nothing is allocated for a length
/// before the bytes are there.
class MessagePackReader {
public:
    explicit MessagePackReader(std::string_view bytes) : bytes_{bytes} {}

    cr::DecodeError error() const { return {reason_, at_}; }

    bool whole(cr::Dict& dict)
    {
        cr::Value value;
        if (!read(value))
            return false;
        if (!value.is_dict() || at_ != bytes_.size())
            return fail("one dictionary is wanted and nothing after it");
        dict = std::move(*value.get_if<cr::Dict>());
        return true;
    }

private:
    bool read(cr::Value& value)
    {
        std::uint8_t tag = 0;
        if (!take(tag))
            return false;
        if (tag < 0x80 || tag >= 0xe0)
            return value = static_cast<std::int8_t>(tag), true;
        if (tag < 0x90)
            return dict(value, tag & 15U);
        if (tag < 0xa0)
            return array(value, tag & 15U);
        if (tag < 0xc0)
            return text(value, tag & 31U);
        auto const with_text = [&](std::size_t size) { return text(value, size); };
        auto const with_array = [&](std::size_t size) { return array(value, size); };
        auto const with_dict = [&](std::size_t size) { return dict(value, size); };
        auto const with_digits = [&](std::size_t size) { return digits(value, size); };
        switch (tag) {
        case 0xc0:
            return value = nullptr, true;
        case 0xc2:
            return value = false, true;
        case 0xc3:
            return value = true, true;
        case 0xc7:
            return sized<std::uint8_t>(with_digits);
        case 0xc8:
            return sized<std::uint16_t>(with_digits);
        case 0xca:
            return number<std::uint32_t, float>(value);
        case 0xcb:
            return number<std::uint64_t, double>(value);
        case 0xcc:
            return number<std::uint8_t, std::uint8_t>(value);
        case 0xcd:
            return number<std::uint16_t, std::uint16_t>(value);
        case 0xce:
            return number<std::uint32_t, std::uint32_t>(value);
        case 0xcf:
            return number<std::uint64_t, std::uint64_t>(value);
        case 0xd0:
            return number<std::uint8_t, std::int8_t>(value);
        case 0xd1:
            return number<std::uint16_t, std::int16_t>(value);
        case 0xd2:
            return number<std::uint32_t, std::int32_t>(value);
        case 0xd3:
            return number<std::uint64_t, std::int64_t>(value);
        case 0xd9:
            return sized<std::uint8_t>(with_text);
        case 0xda:
            return sized<std::uint16_t>(with_text);
        case 0xdb:
            return sized<std::uint32_t>(with_text);
        case 0xdc:
            return sized<std::uint16_t>(with_array);
        case 0xdd:
            return sized<std::uint32_t>(with_array);
        case 0xde:
            return sized<std::uint16_t>(with_dict);
        case 0xdf:
            return sized<std::uint32_t>(with_dict);
        default:
            return fail("no kind of value that a session has");
        }
    }

    template <class Unsigned>
    bool take(Unsigned& number)
    {
        if (bytes_.size() - at_ < sizeof number)
            return fail("the bytes end within a value");
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < sizeof number; ++i)
            sum = sum << 8 | static_cast<std::uint8_t>(bytes_[at_++]);
        number = static_cast<Unsigned>(sum);
        return true;
    }
    bool take(std::string_view& text, std::size_t size)
    {
        if (bytes_.size() - at_ < size)
            return fail("the bytes end within a text");
        text = bytes_.substr(at_, size);
        at_ += size;
        return true;
    }
    template <class Unsigned, class Number>
    bool number(cr::Value& value)
    {
        Unsigned bits{};
        return take(bits) && (value = std::bit_cast<Number>(bits), true);
    }
    template <class Size, class Read>
    bool sized(Read const& read)
    {
        Size size{};
        return take(size) && read(size);
    }

    bool text(cr::Value& value, std::size_t size)
    {
        std::string_view text;
        if (!take(text, size))
            return false;
        if (!cr::is_wtf8(text))
            return fail("a text that is not UTF-8");
        value = cr::Value::from_wtf8(std::string{text});
        return true;
    }
    bool digits(cr::Value& value, std::size_t size)
    {
        std::uint8_t type = 0;
        std::string_view text;
        if (!take(type) || !take(text, size))
            return false;
        auto number = cr::BigInteger::parse(text);
        if (type != 1 || size > cr::max_integer_digits + 1 || !number)
            return fail("an extension that is no integer of ours");
        value = *std::move(number);
        return true;
    }
    bool array(cr::Value& value, std::size_t size)
    {
        if (++depth_ > cr::max_depth)
            return fail("nested too deep");
        auto& array = value.emplace<cr::Array>();
        while (size-- > 0)
            if (!read(array.emplace_back()))
                return false;
        --depth_;
        return true;
    }
    bool dict(cr::Value& value, std::size_t size)
    {
        if (++depth_ > cr::max_depth)
            return fail("nested too deep");
        auto& dict = value.emplace<cr::Dict>();
        cr::Value item;
        while (size-- > 0) {
            if (!read(item))
                return false;
            auto const* const key = item.get_if<std::string>();
            if (key == nullptr || dict.contains(*key))
                return fail("a dictionary needs texts for keys, each once");
            if (!read(dict[*key]))
                return false;
        }
        --depth_;
        return true;
    }

    bool fail(std::string_view reason)
    {
        reason_ = reason;
        return false;
    }

    std::string_view bytes_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    std::string_view reason_;
};

} // namespace custom_policies

#endif
