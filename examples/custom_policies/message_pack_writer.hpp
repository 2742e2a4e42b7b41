// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_CUSTOM_POLICIES_MESSAGE_PACK_WRITER_HPP
#define EXAMPLES_CUSTOM_POLICIES_MESSAGE_PACK_WRITER_HPP

#include <cloakroom.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace custom_policies {

namespace cr = cloakroom;

/// What MessagePack::dump visits a session with.
class MessagePackWriter {
public:
    std::string bytes;

    void operator()(std::nullptr_t) { tag(0xc0); }
    void operator()(bool value) { tag(value ? 0xc3 : 0xc2); }
    void operator()(std::int64_t value)
    {
        if (value >= -32 && value < 128)
            return tag(static_cast<unsigned>(value));
        tag(0xd3);
        number(static_cast<std::uint64_t>(value));
    }
    void operator()(std::uint64_t value)
    {
        tag(0xcf);
        number(value);
    }
    void operator()(double value)
    {
        tag(0xcb);
        number(std::bit_cast<std::uint64_t>(value));
    }
    void operator()(cr::BigInteger const& value)
    {
        tag(0xc8);
        number(static_cast<std::uint16_t>(value.digits().size()));
        tag(1);
        bytes += value.digits();
    }
    void operator()(std::string_view text)
    {
        size(text.size(), 0xa0, 32, 0xda);
        bytes += text;
    }
    void operator()(cr::Array const& array)
    {
        enter();
        size(array.size(), 0x90, 16, 0xdc);
        for (auto const& value : array)
            value.visit(*this);
        --depth_;
    }
    void operator()(cr::Dict const& dict)
    {
        enter();
        size(dict.size(), 0x80, 16, 0xde);
        for (auto const& [key, value] : dict) {
            (*this)(key);
            value.visit(*this);
        }
        --depth_;
    }

private:
    void enter()
    {
        if (++depth_ > cr::max_depth)
            throw cr::TypeError{"a session that nests this deep cannot be written"};
    }
    void tag(unsigned byte) { bytes += static_cast<char>(byte); }
    template <class Unsigned>
    void number(Unsigned value)
    {
        for (auto shift = 8 * sizeof value; shift > 0;)
            tag(static_cast<unsigned>(value >> (shift -= 8) & 255));
    }
    /// A size below `small` stands in the tag; another follows `wide` in 16 bits, or the tag after that
    /// in 32.
    void size(std::size_t size, unsigned tiny, std::size_t small, unsigned wide)
    {
        if (size < small)
            return tag(tiny + static_cast<unsigned>(size));
        tag(size < 65536 ? wide : wide + 1);
        size < 65536 ? number(static_cast<std::uint16_t>(size)) : number(static_cast<std::uint32_t>(size));
    }

    std::size_t depth_ = 0;
};

} // namespace custom_policies

#endif
