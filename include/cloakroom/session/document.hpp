// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_DOCUMENT_HPP
#define CLOAKROOM_SESSION_DOCUMENT_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/concept.hpp>
#include <cloakroom/session/change_log.hpp>
#include <cloakroom/session/item_path.hpp>
#include <cloakroom/session/lazy_dict.hpp>
#include <cloakroom/session/sum.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0 {

/// The data of one session in one request: the dictionary, the flags, and the log of what changed. Performs
/// no I/O; whoever drives it loads and saves, blocking or not. Each operation has Django's effect on the
/// flags (S-020 to S-031). All but clear() want the data loaded.
template <SerializerPolicy Serializer>
class Document {
public:
    bool is_loaded() const noexcept { return loaded_; }
    bool accessed() const noexcept { return accessed_; }
    bool modified() const noexcept { return modified_; }
    void set_accessed() noexcept { accessed_ = true; }
    void set_modified(bool modified) noexcept { modified_ = modified; }

    /// Whether there are changes that no save has written.
    bool is_changed() const noexcept { return !log_.empty(); }

    /// The data as they are now.
    LazyDict<Serializer> const& data() const noexcept { return data_; }

    /// Takes the data that a storage had; changes made before stand on top of them. Whether the text could be
    /// read; if not, there was nothing.
    bool load(Serializer const& serializer, std::string&& text)
    {
        auto is_readable = false;
        if (log_.empty()) {
            is_readable = data_.load(serializer, std::move(text));
        } else {
            LazyDict<Serializer> newest;
            is_readable = newest.load(serializer, std::move(text));
            log_.replay(newest.whole(), data_.whole());
            data_ = std::move(newest);
        }
        loaded_ = true;
        return is_readable;
    }
    /// The same where the storage had nothing.
    void load_nothing()
    {
        LazyDict<Serializer> nothing;
        log_.replay(nothing.whole(), data_.whole());
        data_ = std::move(nothing);
        loaded_ = true;
    }

    /// The data are written: later changes count from here.
    void saved() noexcept { log_.forget(); }

    /// All data, read by the caller.
    Dict const& access()
    {
        accessed_ = true;
        return std::as_const(data_).whole();
    }

    Value const* find(std::string_view key)
    {
        accessed_ = true;
        return std::as_const(data_).find(key);
    }
    Value const* find(ItemPath const& path)
    {
        accessed_ = true;
        return path.find_in(std::as_const(data_));
    }

    /// KeyError where the container is missing, TypeError where it is none.
    void set(ItemPath const& path, Value value)
    {
        accessed_ = true;
        if (!path.assign_in(data_, std::move(value)))
            throw_no_container(path);
        log_.set(path);
        modified_ = true;
    }

    /// A missing item counts from nothing. TypeError where the types do not go together.
    void add(ItemPath const& path, Value operand)
    {
        accessed_ = true;
        if (auto* const value = path.find_in(data_)) {
            auto total = sum(*value, operand);
            if (!total)
                throw TypeError{path.text() + ": " + std::string{operand.kind_name()} +
                                " cannot be added to " + std::string{value->kind_name()} +
                                (value->is_integer() && operand.is_integer() ? " within 64 bits" : "")};
            *value = std::move(*total);
        } else if (!path.assign_in(data_, operand)) {
            throw_no_container(path);
        }
        log_.add(path, std::move(operand));
        modified_ = true;
    }

    /// Whether there was a value to remove.
    bool erase(ItemPath const& path)
    {
        accessed_ = true;
        auto const erased = path.erase_from(data_).value_or(false);
        if (erased) {
            log_.erase(path);
            modified_ = true;
        }
        return erased;
    }

    Value const& set_default(ItemPath const& path, Value value)
    {
        accessed_ = true;
        if (auto const* const existing = path.find_in(std::as_const(data_)))
            return *existing;
        path.assign_in(data_, value);
        log_.set_default(path, std::move(value));
        modified_ = true;
        return *path.find_in(std::as_const(data_));
    }

    /// Lets `function` change the value, null where it is missing, and keeps it for a replay. If it throws,
    /// nothing has changed.
    void update(ItemPath const& path, ChangeLog::Update function)
    {
        accessed_ = true;
        auto const* const existing = path.find_in(std::as_const(data_));
        auto value = existing != nullptr ? *existing : Value{};
        function(value);
        path.assign_in(data_, std::move(value));
        log_.update(path, std::move(function));
        modified_ = true;
    }

    void update(Dict const& items)
    {
        accessed_ = true;
        for (auto const& [key, value] : items)
            set(ItemPath{key}, value);
        modified_ = true;
    }

    /// Needs nothing loaded (S-031).
    void clear()
    {
        data_.clear();
        log_.clear();
        loaded_ = accessed_ = modified_ = true;
    }

private:
    [[noreturn]] void throw_no_container(ItemPath const& path) const
    {
        if (data_.contains(path.key()))
            throw TypeError{path.text() + ": there is no object or array to hold it"};
        throw KeyError{"no item '" + path.key() + "'"};
    }

    LazyDict<Serializer> data_;
    ChangeLog log_;
    bool loaded_ = false;
    bool accessed_ = false;
    bool modified_ = false;
};

} // namespace cloakroom::inline v0

#endif
