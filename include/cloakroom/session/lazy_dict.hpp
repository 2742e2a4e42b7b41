// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_LAZY_DICT_HPP
#define CLOAKROOM_SESSION_LAZY_DICT_HPP

#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/concept.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0 {

/// A session's dictionary between two texts: what load() took and what dump() gives. It answers as the Dict
/// of all items would; with a SplicingSerializer it reads an item when somebody asks for it, and writes what
/// was changed into the text. That is for looking up items and changing those that are there. Anything else
/// turns it into the Dict, which it is from the start with other serializers.
///
/// A pointer to a value is valid until an item is changed, however many others are read meanwhile. The
/// serializer outlives this.
template <SerializerPolicy Serializer>
class LazyDict {
public:
    /// Takes the items that the text has: whether it could be read. If not, there are none.
    bool load(Serializer const& serializer, std::string&& text);

    /// The text that load() took, whatever happened since; empty if it could not be read.
    std::string const& loaded_text() const noexcept { return text_; }

    /// Those items of that text that `wanted(name)` picks, read anew; possibly more.
    template <class Wanted>
    Dict loaded(Wanted const& wanted) const;

    /// The text for what is here now. Throws as the serializer's dump.
    std::string dump(Serializer const& serializer) const;

    bool empty() const noexcept { return is_whole_ ? whole_.empty() : items_.empty(); }

    Value const* find(std::string_view key) const;
    bool contains(std::string_view key) const { return find(key) != nullptr; }

    /// The value, to be changed.
    Value* find(std::string_view key);
    Value& operator[](std::string_view key)
    {
        auto* const value = find(key);
        return value != nullptr ? *value : whole()[key];
    }
    bool erase(std::string_view key) { return contains(key) && whole().erase(key); }
    void clear() noexcept
    {
        whole_.clear();
        is_whole_ = true;
    }

    /// All items.
    Dict const& whole() const;
    Dict& whole() { return const_cast<Dict&>(std::as_const(*this).whole()); }

private:
    TextItem* find_item(std::string_view key) const;

    Serializer const* serializer_ = nullptr;
    std::string text_;
    // The items within the text, until is_whole_. They stay until the next load(): somebody may look at one.
    mutable std::vector<TextItem> items_;
    mutable Dict whole_;
    mutable bool is_whole_ = true;
};

template <SerializerPolicy Serializer>
bool LazyDict<Serializer>::load(Serializer const& serializer, std::string&& text)
{
    serializer_ = &serializer;
    if constexpr (SplicingSerializer<Serializer>) {
        if (auto items = serializer.split(text)) {
            text_ = std::move(text);
            items_ = *std::move(items);
            whole_.clear();
            is_whole_ = false;
            return true;
        }
    }
    auto whole = serializer.load(text);
    auto const is_readable = whole.has_value();
    whole_ = is_readable ? *std::move(whole) : Dict{};
    is_whole_ = true;
    items_.clear();
    text_ = is_readable ? std::move(text) : std::string{};
    return is_readable;
}

template <SerializerPolicy Serializer>
template <class Wanted>
Dict LazyDict<Serializer>::loaded(Wanted const& wanted) const
{
    Dict picked;
    if (text_.empty())
        return picked;
    if constexpr (SplicingSerializer<Serializer>)
        if (!items_.empty()) {
            for (auto const& item : items_)
                if (wanted(item.name_in(text_)))
                    picked.insert_or_assign(item.name_in(text_),
                                            serializer_->load_item(item.value_in(text_)));
            return picked;
        }
    return *serializer_->load(text_);
}

template <SerializerPolicy Serializer>
std::string LazyDict<Serializer>::dump(Serializer const& serializer) const
{
    if constexpr (SplicingSerializer<Serializer>)
        if (!is_whole_)
            return serializer.splice(text_, items_);
    return serializer.dump(whole_);
}

/// The item, read. Precondition: !is_whole_.
template <SerializerPolicy Serializer>
TextItem* LazyDict<Serializer>::find_item(std::string_view key) const
{
    if constexpr (SplicingSerializer<Serializer>)
        for (auto& item : items_)
            if (item.name_in(text_) == key) {
                if (!item.is_read) {
                    item.content = serializer_->load_item(item.value_in(text_));
                    item.is_read = true;
                }
                return &item;
            }
    return nullptr;
}

template <SerializerPolicy Serializer>
Value const* LazyDict<Serializer>::find(std::string_view key) const
{
    if (is_whole_)
        return whole_.find(key);
    auto const* const item = find_item(key);
    return item != nullptr ? &item->content : nullptr;
}

template <SerializerPolicy Serializer>
Value* LazyDict<Serializer>::find(std::string_view key)
{
    if (is_whole_)
        return whole_.find(key);
    auto* const item = find_item(key);
    if (item == nullptr)
        return nullptr;
    item->is_changed = true;
    return &item->content;
}

template <SerializerPolicy Serializer>
Dict const& LazyDict<Serializer>::whole() const
{
    if (!is_whole_) {
        auto all = *serializer_->load(text_);
        for (auto const& item : items_)
            if (item.is_changed)
                *all.find(item.name_in(text_)) = item.content;
        whole_ = std::move(all);
        is_whole_ = true;
    }
    return whole_;
}

} // namespace cloakroom::inline v0

#endif
