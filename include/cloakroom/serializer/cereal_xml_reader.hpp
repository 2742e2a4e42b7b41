// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_XML_READER_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_XML_READER_HPP

#include <cloakroom/core/limits.hpp>
#include <cloakroom/core/result.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/cereal_streams.hpp>
#include <cloakroom/serializer/concept.hpp>
#include <cloakroom/serializer/json.hpp>

#include <cereal/archives/xml.hpp>
#include <cstddef>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0::serializer::cereal_detail {

/// Reads a text that XmlScanner has passed. Used once.
class XmlReader {
public:
    explicit XmlReader(std::string_view text) : source_{text}, stream_{&source_}, archive_{stream_} {}

    Result<Dict, DecodeError> read()
    {
        Dict dict;
        if (next() != "object")
            fail("the root element holds no object");
        else if (read_dict(dict) && !next().empty())
            fail("something follows the object");
        if (!reason_.empty())
            return DecodeError{reason_, 0};
        return dict;
    }

private:
    bool fail(std::string_view reason)
    {
        if (reason_.empty())
            reason_ = reason;
        return false;
    }

    /// The name of the next element here, or nothing behind the last.
    std::string_view next() const
    {
        auto const* const name = archive_.getNodeName();
        return name != nullptr ? std::string_view{name} : std::string_view{};
    }

    /// Goes into the next element, which is a container.
    bool enter()
    {
        if (++depth_ > max_depth)
            return fail("nested deeper than 512 levels");
        archive_.startNode();
        std::string text;
        if (next().empty())
            archive_.loadValue(text);
        return text.empty() || fail("a text where elements are wanted");
    }

    /// The text of the next element.
    std::optional<std::string> read_text()
    {
        archive_.startNode();
        if (!next().empty()) {
            fail("an element where a text is wanted");
            return std::nullopt;
        }
        std::string text;
        archive_.loadValue(text);
        archive_.finishNode();
        return text;
    }
    std::optional<std::string> read_string()
    {
        auto const text = read_text();
        if (!text)
            return std::nullopt;
        auto value = Json::load_value('"' + *text + '"');
        if (value)
            if (auto* const string = value->get_if<std::string>())
                return std::move(*string);
        fail("an escape that means nothing");
        return std::nullopt;
    }

    bool read_value(Value& value)
    {
        std::string const name{next()};
        if (name == "object")
            return read_dict(value.emplace<Dict>());
        if (name == "array")
            return read_array(value.emplace<Array>());
        if (name == "string") {
            if (auto string = read_string()) {
                value.emplace<std::string>(*std::move(string));
                return true;
            }
            return false;
        }
        auto const text = read_text();
        if (!text)
            return false;
        if (name == "null")
            return text->empty() || fail("null with a text");
        auto scalar = Json::load_value(*text);
        if (!scalar || scalar->kind_name() != name || scalar->is_array() || scalar->is_dict())
            return fail("an element of an unknown kind, or with the text of another");
        value = std::move(*scalar);
        return true;
    }
    bool read_array(Array& array)
    {
        if (!enter())
            return false;
        while (!next().empty())
            if (!read_value(array.emplace_back()))
                return false;
        archive_.finishNode();
        --depth_;
        return true;
    }
    bool read_dict(Dict& dict)
    {
        if (!enter())
            return false;
        while (!next().empty()) {
            if (next() != "key")
                return fail("a value without its key");
            auto const key = read_string();
            if (!key)
                return false;
            if (next().empty())
                return fail("a key without its value");
            auto const [value, is_new] = dict.try_insert(*key, {});
            if (!is_new)
                return fail("a name that comes twice");
            if (!read_value(*value))
                return false;
        }
        archive_.finishNode();
        --depth_;
        return true;
    }

    StringSource source_;
    std::istream stream_;
    cereal::XMLInputArchive archive_;
    std::size_t depth_ = 0;
    std::string_view reason_;
};

} // namespace cloakroom::inline v0::serializer::cereal_detail

#endif
