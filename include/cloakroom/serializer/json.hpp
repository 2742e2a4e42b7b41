// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_JSON_HPP
#define CLOAKROOM_SERIALIZER_JSON_HPP

#include <cloakroom/core/record.hpp>
#include <cloakroom/serializer/concept.hpp>
#include <cloakroom/serializer/json_reader.hpp>
#include <cloakroom/serializer/json_splitter.hpp>
#include <cloakroom/serializer/json_writer.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cloakroom::inline v0::serializer {

/// Django's JSONSerializer: what it writes we read and what we write it reads, byte for byte the same text
/// for the same data. Up to 512 levels deep and 16 MiB long (core/limits.hpp); past that a TypeError when
/// writing, a DecodeError when reading.
struct Json {
    static constexpr std::string_view display_name = "Json";
    static constexpr Content output = Content::text;

    std::string dump(Dict const& dict) const { return dump_any(dict); }

    Result<Dict, DecodeError> load(std::string_view bytes) const { return JsonReader{bytes}.read_object(); }

    /// The refinement SplicingSerializer: sessions read and write the items that a request uses.
    std::optional<std::vector<TextItem>> split(std::string_view text) const
    {
        return JsonSplitter{text}.split();
    }
    Value load_item(std::string_view text) const { return JsonReader{text}.read_known(); }
    std::string splice(std::string_view text, std::vector<TextItem> const& items) const
    {
        JsonWriter writer;
        writer.write(text, items);
        return writer.take();
    }

    /// The same for a value of any kind, which Python's json allows at the top too.
    static std::string dump_value(Value const& value) { return dump_any(value); }
    static Result<Value, DecodeError> load_value(std::string_view bytes) { return JsonReader{bytes}.read(); }

private:
    template <class T>
    static std::string dump_any(T const& value)
    {
        JsonWriter writer;
        writer.write(value);
        return writer.take();
    }
};

static_assert(SplicingSerializer<Json>);

} // namespace cloakroom::inline v0::serializer

#endif
