// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_PORTABLE_BINARY_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_PORTABLE_BINARY_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/limits.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/core/wtf8.hpp>
#include <cloakroom/serializer/cereal_dictionary.hpp>
#include <cloakroom/serializer/concept.hpp>

#include <algorithm>
#include <cereal/archives/portable_binary.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <limits>
#include <optional>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0::serializer {

/// cereal's portable binary archive: for stores that take bytes, or behind a signer that writes text. The
/// first byte is cereal's, the byte order. A dictionary is the number of its entries, then names and values;
/// a value is a byte for its kind, then a number, or a length and what is that long.
struct PortableBinary {
    static constexpr Content output = Content::bytes;

    static void write(Dict const& dict, std::streambuf& out);
    static Result<Dict, DecodeError> read(std::string_view bytes);

    /// The byte before a value.
    enum class Kind : std::uint8_t { null, no, yes, int64, uint64, big_integer, number, string, array, dict };
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
    using Kind = PortableBinary::Kind;

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

/// Used once. A length is believed only as far as there are bytes for it that no other length counts on, so
/// that room is made at once, and never for more values than there are bytes.
class PortableBinaryReader {
public:
    explicit PortableBinaryReader(std::string_view bytes)
        : source_{bytes}, stream_{&source_}, archive_{stream_}, unclaimed_{bytes.size()}
    {
    }

    Result<Dict, DecodeError> read()
    {
        Dict dict;
        if (read_dict(dict) && source_.remaining() != 0)
            fail("something follows the dictionary");
        if (!reason_.empty())
            return DecodeError{reason_, source_.offset()};
        return dict;
    }

private:
    using Kind = PortableBinary::Kind;

    bool fail(std::string_view reason)
    {
        if (reason_.empty())
            reason_ = reason;
        return false;
    }

    template <class T>
    T read_number()
    {
        T number{};
        archive_(number);
        return number;
    }
    /// A number of things that take at least `each` bytes.
    std::optional<std::size_t> read_size(std::size_t each)
    {
        auto const size = read_number<std::uint32_t>();
        if (size > std::min(source_.remaining(), unclaimed_) / each) {
            fail("a length that is longer than the rest");
            return std::nullopt;
        }
        unclaimed_ -= size * each;
        return size;
    }
    std::optional<std::string> read_text()
    {
        auto const size = read_size(1);
        if (!size)
            return std::nullopt;
        std::string text(*size, '\0');
        archive_(cereal::binary_data(text.data(), text.size()));
        if (is_wtf8(text))
            return text;
        fail("a string that is not UTF-8");
        return std::nullopt;
    }

    bool read_value(Value& value)
    {
        switch (Kind{read_number<std::uint8_t>()}) {
        case Kind::null:
            value = nullptr;
            return true;
        case Kind::no:
            value = false;
            return true;
        case Kind::yes:
            value = true;
            return true;
        case Kind::int64:
            value = read_number<std::int64_t>();
            return true;
        case Kind::uint64:
            return read_uint64(value);
        case Kind::big_integer:
            return read_big_integer(value);
        case Kind::number: {
            auto const number = read_number<double>();
            value = std::isnan(number) ? std::numeric_limits<double>::quiet_NaN() : number;
            return true;
        }
        case Kind::string:
            if (auto text = read_text()) {
                value.emplace<std::string>(*std::move(text));
                return true;
            }
            return false;
        case Kind::array:
            return read_array(value.emplace<Array>());
        case Kind::dict:
            return read_dict(value.emplace<Dict>());
        }
        return fail("a value of an unknown kind");
    }
    bool read_uint64(Value& value)
    {
        auto const number = read_number<std::uint64_t>();
        if (number <= std::uint64_t{std::numeric_limits<std::int64_t>::max()})
            return fail("an integer in a longer form than its own");
        value = number;
        return true;
    }
    bool read_big_integer(Value& value)
    {
        auto const text = read_text();
        if (!text)
            return false;
        auto number = BigInteger::parse(*text);
        if (!number || number->digits() != *text || number->as_int64() || number->as_uint64())
            return fail("not the digits of a large integer");
        if (text->size() > max_integer_digits + (text->front() == '-' ? 1U : 0U))
            return fail("an integer of more than 4300 digits");
        value.emplace<BigInteger>(*std::move(number));
        return true;
    }
    bool read_array(Array& array)
    {
        if (++depth_ > max_depth)
            return fail("nested deeper than 512 levels");
        auto const size = read_size(1);
        if (!size)
            return false;
        array.reserve(*size);
        for (std::size_t i = 0; i < *size; ++i)
            if (!read_value(array.emplace_back()))
                return false;
        --depth_;
        return true;
    }
    bool read_dict(Dict& dict)
    {
        if (++depth_ > max_depth)
            return fail("nested deeper than 512 levels");
        auto const size = read_size(sizeof(std::uint32_t) + 1);
        if (!size)
            return false;
        dict.reserve(*size);
        for (std::size_t i = 0; i < *size; ++i) {
            auto const key = read_text();
            if (!key)
                return false;
            auto const [value, is_new] = dict.try_insert(*key, {});
            if (!is_new)
                return fail("a name that comes twice");
            if (!read_value(*value))
                return false;
        }
        --depth_;
        return true;
    }

    StringSource source_;
    std::istream stream_;
    cereal::PortableBinaryInputArchive archive_;
    std::size_t unclaimed_; // bytes that no length has counted on
    std::size_t depth_ = 0;
    std::string_view reason_;
};

inline void PortableBinary::write(Dict const& dict, std::streambuf& out)
{
    PortableBinaryWriter{out}.write(dict);
}

inline Result<Dict, DecodeError> PortableBinary::read(std::string_view bytes)
{
    if (!bytes.starts_with('\1') && !bytes.starts_with('\0'))
        return DecodeError{"no byte order at the beginning", 0};
    return PortableBinaryReader{bytes}.read();
}

static_assert(SerializerPolicy<Cereal<PortableBinary>>);

} // namespace cloakroom::inline v0::serializer

#endif
