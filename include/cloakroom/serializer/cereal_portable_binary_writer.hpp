// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_PORTABLE_BINARY_WRITER_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_PORTABLE_BINARY_WRITER_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/limits.hpp>
#include <cloakroom/core/value.hpp>

#include <cereal/archives/portable_binary.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <ostream>
#include <streambuf>
#include <string>

namespace cloakroom::inline v0::serializer::cereal_detail {

/// The byte before a value.
enum class PortableBinaryKind : std::uint8_t {
    null,
    no,
    yes,
    int64,
    uint64,
    big_integer,
    number,
    string,
    array,
    dict
};

class PortableBinaryWriter {
public:
    explicit PortableBinaryWriter(std::streambuf& out)
        : stream_{&out}, archive_{stream_, cereal::PortableBinaryOutputArchive::Options::LittleEndian()}
    {
    }

    void write(Dict const& dict)
    {
        enter();
        write_size(dict.size());
        for (auto const& [key, value] : dict) {
            write_text(key);
            value.visit([this](auto const& held) { write_value(held); });
        }
        --depth_;
    }

private:
    using Kind = PortableBinaryKind;

    void write_kind(Kind kind) { archive_(static_cast<std::uint8_t>(kind)); }
    void write_size(std::size_t size)
    {
        if (size > max_payload_size)
            throw TypeError{"the session's data take more than 16 MiB"};
        archive_(static_cast<std::uint32_t>(size));
    }
    void write_text(std::string const& text)
    {
        write_size(text.size());
        archive_(cereal::binary_data(text.data(), text.size()));
    }
    void enter()
    {
        if (++depth_ > max_depth)
            throw TypeError{"the session's data nest deeper than 512 levels"};
    }

    void write_value(std::nullptr_t) { write_kind(Kind::null); }
    void write_value(bool value) { write_kind(value ? Kind::yes : Kind::no); }
    void write_value(std::int64_t number)
    {
        write_kind(Kind::int64);
        archive_(number);
    }
    void write_value(std::uint64_t number)
    {
        write_kind(Kind::uint64);
        archive_(number);
    }
    void write_value(BigInteger const& number)
    {
        auto const& digits = number.digits();
        if (digits.size() > max_integer_digits + (digits.front() == '-' ? 1U : 0U))
            throw TypeError{"an integer of more than 4300 digits cannot be stored"};
        write_kind(Kind::big_integer);
        write_text(digits);
    }
    void write_value(double number)
    {
        write_kind(Kind::number);
        archive_(std::isnan(number) ? std::numeric_limits<double>::quiet_NaN() : number);
    }
    void write_value(std::string const& text)
    {
        write_kind(Kind::string);
        write_text(text);
    }
    void write_value(Array const& array)
    {
        enter();
        write_kind(Kind::array);
        write_size(array.size());
        for (auto const& value : array)
            value.visit([this](auto const& held) { write_value(held); });
        --depth_;
    }
    void write_value(Dict const& dict)
    {
        write_kind(Kind::dict);
        write(dict);
    }

    std::ostream stream_;
    cereal::PortableBinaryOutputArchive archive_;
    std::size_t depth_ = 0;
};

} // namespace cloakroom::inline v0::serializer::cereal_detail

#endif
