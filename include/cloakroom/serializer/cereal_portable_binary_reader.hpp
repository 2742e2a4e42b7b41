// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_PORTABLE_BINARY_READER_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_PORTABLE_BINARY_READER_HPP

#include <cloakroom/core/big_integer.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/limits.hpp>
#include <cloakroom/core/result.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/core/wtf8.hpp>
#include <cloakroom/serializer/cereal_portable_binary_writer.hpp>
#include <cloakroom/serializer/cereal_streams.hpp>
#include <cloakroom/serializer/concept.hpp>

#include <algorithm>
#include <cereal/archives/portable_binary.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0::serializer::cereal_detail {

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
    using Kind = PortableBinaryKind;

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

} // namespace cloakroom::inline v0::serializer::cereal_detail

#endif
