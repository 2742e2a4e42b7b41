// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CONCEPT_HPP
#define CLOAKROOM_SERIALIZER_CONCEPT_HPP

#include <cloakroom/core/known.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/result.hpp>
#include <cloakroom/core/value.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cloakroom::inline v0 {

/// Why bytes are not a session. Who wrote them is to blame; the session counts as empty (S-053).
struct DecodeError {
    std::string_view reason; ///< a sentence, static text
    std::size_t offset = 0;  ///< in bytes, where the reader stopped
};

/// How the session's dictionary becomes bytes and back.
///
/// `load(dump(dict))` is `dict` again. Never runs code, never allocates beyond a stated bound, whatever the
/// bytes. Thread-safe through a const object.
template <class S>
concept SerializerPolicy = requires(S const& serializer, Dict const& dict, std::string_view bytes) {
    // The bytes. TypeError for what it cannot write (nesting or size past its limits); nothing is half done.
    { serializer.dump(dict) } -> std::same_as<std::string>;

    // The dictionary, or why there is none. Anything but a dictionary is a DecodeError (S-054), and so is one
    // with something behind it.
    { serializer.load(bytes) } -> std::same_as<Result<Dict, DecodeError>>;

    // Content::text when dump writes printable ASCII only, else Content::bytes. A constant of the type.
    { S::output } -> std::convertible_to<Content>;
    typename std::bool_constant<detail::is_known(*&S::output)>;
};

/// An item of a dictionary within the dictionary's text, and what somebody made of it.
struct TextItem {
    std::uint32_t name = 0; ///< where the name begins, as it is: nothing in it is escaped
    std::uint32_t name_size = 0;
    std::uint32_t value = 0; ///< where the value's text begins
    std::uint32_t value_size = 0;
    bool is_read = false;    ///< `content` is the value
    bool is_changed = false; ///< `content` is another value than the text has
    Value content{};

    std::string_view name_in(std::string_view text) const { return {text.data() + name, name_size}; }
    std::string_view value_in(std::string_view text) const { return {text.data() + value, value_size}; }
};

/// A serializer whose text can be changed in places: an item is read when somebody asks for it, and what
/// nobody changed is copied from text to text. Saves most of the work of a request that looks at few items.
template <class S>
concept SplicingSerializer = SerializerPolicy<S> && requires(S const& serializer, std::string_view text,
                                                             std::vector<TextItem> const& items) {
    // The items of a dictionary in the order of the text, none of them read; names are all different.
    // Nothing unless load accepts `text` and dump(load(text)) is `text` to the last byte, and nothing
    // wherever the serializer finds it too much trouble to be sure of that.
    { serializer.split(text) } -> std::same_as<std::optional<std::vector<TextItem>>>;

    // The value that an item's text, TextItem::value_in, stands for. Only for what split has found.
    { serializer.load_item(text) } -> std::same_as<Value>;

    // What dump would give for the dictionary with the contents of the changed items in their places.
    // Throws as dump. `items` is what split has found in `text`.
    { serializer.splice(text, items) } -> std::same_as<std::string>;
};

} // namespace cloakroom::inline v0

#endif
