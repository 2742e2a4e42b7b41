// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_XML_WRITER_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_XML_WRITER_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/limits.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/serializer/json_writer.hpp>

#include <cereal/archives/xml.hpp>
#include <cstddef>
#include <new>
#include <ostream>
#include <sstream>
#include <streambuf>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0::serializer::cereal_detail {

/// The text of an element, which cereal writes through a stream that keeps the longest text that it ever
/// had; this one lets it forget.
struct XmlText {
    std::string characters;

    friend std::ostream& operator<<(std::ostream& out, XmlText const& text)
    {
        if (auto* const stream = dynamic_cast<std::ostringstream*>(&out))
            stream->str({});
        if (!(out << text.characters)) // the stream keeps silent about what was thrown
            throw std::bad_alloc{};
        return out;
    }
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
        archive_.saveValue(XmlText{std::move(text)});
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

} // namespace cloakroom::inline v0::serializer::cereal_detail

#endif
