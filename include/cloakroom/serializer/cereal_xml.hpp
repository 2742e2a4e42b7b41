// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_XML_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_XML_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/limits.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/cereal_dictionary.hpp>
#include <cloakroom/serializer/cereal_xml_scanner.hpp>
#include <cloakroom/serializer/concept.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/serializer/json_writer.hpp>

#include <cereal/archives/xml.hpp>
#include <cstddef>
#include <istream>
#include <new>
#include <optional>
#include <ostream>
#include <sstream>
#include <streambuf>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0::serializer {

/// cereal's XML archive:
/// `<cereal><object><key>visit</key><integer>1</integer></object></cereal>` in one line.
///
/// Elements are named as Value::kind_name() has it, scalars and the characters of strings as in JSON. What
/// XML cannot hold or might change, `<`, `>`, `&`, quotes and spaces at the ends of a string, are \u escapes
/// as well, so that the text is printable ASCII without entities.
struct Xml {
    static constexpr Content output = Content::text;

    static void write(Dict const& dict, std::streambuf& out);
    static Result<Dict, DecodeError> read(std::string_view text);

    /// The text of an element, which cereal writes through a stream that keeps the longest text that it ever
    /// had; this one lets it forget.
    struct Text {
        std::string characters;

        friend std::ostream& operator<<(std::ostream& out, Text const& text)
        {
            if (auto* const stream = dynamic_cast<std::ostringstream*>(&out))
                stream->str({});
            if (!(out << text.characters)) // the stream keeps silent about what was thrown
                throw std::bad_alloc{};
            return out;
        }
    };
};

class XmlWriter {
public:
    explicit XmlWriter(std::streambuf& out)
        : stream_{&out}, archive_{stream_, cereal::XMLOutputArchive::Options{}.indent(false)}
    {
    }

    void write(Dict const& dict)
    {
        begin("object");
        enter();
        for (auto const& [key, value] : dict) {
            write_scalar("key", escape(key));
            write(value);
        }
        --depth_;
        archive_.finishNode();
    }

private:
    void enter()
    {
        if (++depth_ > max_depth)
            throw TypeError{"the session's data nest deeper than 512 levels"};
    }
    void begin(char const* name)
    {
        archive_.setNextName(name);
        archive_.startNode();
        count_size(2);
    }
    /// Counts what the document will be at least, which cereal writes only in the end.
    void count_size(std::size_t size)
    {
        size_ += size;
        if (size_ > max_payload_size)
            throw TypeError{"the session's data take more than 16 MiB"};
    }
    void write_scalar(char const* name, std::string text)
    {
        begin(name);
        count_size(text.size());
        archive_.saveValue(Xml::Text{std::move(text)});
        archive_.finishNode();
    }

    void write(Value const& value)
    {
        if (auto const* const dict = value.get_if<Dict>()) {
            write(*dict);
        } else if (auto const* const array = value.get_if<Array>()) {
            begin("array");
            enter();
            for (auto const& element : *array)
                write(element);
            --depth_;
            archive_.finishNode();
        } else if (auto const* const text = value.get_if<std::string>()) {
            write_scalar("string", escape(*text));
        } else {
            write_scalar(value.kind_name().data(), value.is_null() ? "" : Json::dump_value(value));
        }
    }

    static std::string escape(std::string const& text)
    {
        JsonWriter writer;
        writer.write(text);
        auto const quoted = writer.take();
        auto const inner = std::string_view{quoted}.substr(1, quoted.size() - 2);
        std::string escaped;
        escaped.reserve(inner.size());
        for (std::size_t i = 0; i < inner.size(); ++i) {
            auto const is_end = i == 0 || i + 1 == inner.size();
            switch (inner[i]) {
            case '\\': // \" loses its quote below, and \\ is a whole
                escaped += '\\';
                if (inner[i + 1] != '"')
                    escaped += inner[++i];
                break;
            case '"':
                escaped += "u0022";
                break;
            case '\'':
                escaped += "\\u0027";
                break;
            case '&':
                escaped += "\\u0026";
                break;
            case '<':
                escaped += "\\u003c";
                break;
            case '>':
                escaped += "\\u003e";
                break;
            case ' ':
                escaped += is_end ? "\\u0020" : " ";
                break;
            default:
                escaped += inner[i];
            }
        }
        return escaped;
    }

    std::ostream stream_;
    cereal::XMLOutputArchive archive_; // writes to the stream when it is destroyed
    std::size_t depth_ = 0;
    std::size_t size_ = 0;
};

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

inline void Xml::write(Dict const& dict, std::streambuf& out)
{
    XmlWriter{out}.write(dict);
}

inline Result<Dict, DecodeError> Xml::read(std::string_view text)
{
    if (auto const refusal = XmlScanner{text}.scan())
        return *refusal;
    return XmlReader{text}.read();
}

static_assert(SerializerPolicy<Cereal<Xml>>);

} // namespace cloakroom::inline v0::serializer

#endif
