// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_DOCUMENT_HPP
#define CLOAKROOM_SESSION_DOCUMENT_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/concept.hpp>
#include <cloakroom/session/addition.hpp>
#include <cloakroom/session/change_log.hpp>
#include <cloakroom/session/item_path.hpp>
#include <cloakroom/session/item_resolver.hpp>
#include <cloakroom/session/lazy_dict.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0 {

/// The data of one session in one request: the dictionary, the flags, and the log of what changed. Performs
/// no I/O; whoever drives it loads and saves, blocking or not. Each operation has Django's effect on the
/// flags (S-020 to S-031). All but clear() want the data loaded. `Log` is ChangeLog, or ChangeFlag where no
/// change is ever done again.
template <SerializerPolicy Serializer, class Log = ChangeLog>
class Document {
public:
    bool is_loaded() const noexcept { return loaded_; }
    bool accessed() const noexcept { return accessed_; }
    bool modified() const noexcept { return modified_; }
    void set_modified(bool modified) noexcept { modified_ = modified; }

    /// Marks the data as accessed. Throws Error within an update function.
    void use()
    {
        if (is_updating_)
            throw Error{
                "update and merge functions get their values as arguments and must not use the session"};
        accessed_ = true;
    }

    /// Whether there are changes that no save has written.
    bool is_changed() const noexcept { return !log_.empty(); }

    /// The data as they are now.
    LazyDict<Serializer> const& data() const noexcept { return data_; }

    /// Takes the data that a storage had; changes made before stand on top of them. Whether the text could be
    /// read; if not, there was nothing. If a change cannot be done again, it throws and nothing has changed.
    bool load(Serializer const& serializer, std::string&& text)
    {
        if (log_.empty()) {
            if (std::exchange(is_saved_, false))
                log_.forget();
            loaded_ = true;
            return data_.load(serializer, std::move(text));
        }
        LazyDict<Serializer> newest;
        auto const is_readable = newest.load(serializer, std::move(text));
        replay_on(std::move(newest));
        return is_readable;
    }
    /// The same where the storage had nothing.
    void load_nothing() { replay_on({}); }

    /// The data are written: later changes count from here.
    void saved() noexcept
    {
        log_.forget();
        is_saved_ = true;
    }

    /// All data, read by the caller.
    Dict const& access()
    {
        use();
        return std::as_const(data_).whole();
    }

    Value const* find(std::string_view key)
    {
        use();
        return std::as_const(data_).find(key);
    }
    Value const* find(ItemPath const& path)
    {
        use();
        return path.find_in(std::as_const(data_));
    }

    // The changes throw, with nothing changed, KeyError where a container on the way is missing and TypeError
    // where it is none. They are logged before they are done, so that none can be done and not be saved.

    /// A resolver is for a whole item: what becomes of it if another request changes it too.
    void set(ItemPath const& path, Value value, ItemResolver resolver = nullptr)
    {
        use();
        check_way(path);
        keep_base(path);
        log_.set(path, value, resolver);
        path.assign_in(data_, std::move(value));
        modified_ = true;
    }

    /// A missing item counts from nothing. TypeError where the types do not go together. `check` is asked
    /// about the sum, here and when it is done again.
    void add(ItemPath const& path, Value operand, ItemCheck check = nullptr)
    {
        use();
        check_way(path);
        auto const* const value = path.find_in(std::as_const(data_));
        auto total = value != nullptr ? added(*value, operand) : std::optional{operand};
        if (!total)
            throw TypeError{no_sum(path, *value, operand)};
        if (check != nullptr)
            check(*total);
        keep_base(path);
        log_.add(path, operand, check);
        path.assign_in(data_, *std::move(total));
        modified_ = true;
    }

    /// Whether there was a value to remove.
    bool erase(ItemPath const& path, ItemResolver resolver = nullptr)
    {
        use();
        if (path.find_in(std::as_const(data_)) == nullptr)
            return false;
        keep_base(path);
        log_.erase(path, resolver);
        path.erase_from(data_);
        modified_ = true;
        return true;
    }

    Value const& set_default(ItemPath const& path, Value value)
    {
        use();
        if (auto const* const existing = path.find_in(std::as_const(data_)))
            return *existing;
        keep_base(path);
        log_.set_default(path, value);
        path.assign_in(data_, std::move(value));
        modified_ = true;
        return *path.find_in(std::as_const(data_));
    }

    /// Puts the object where there is none.
    void make_object(ItemPath const& path, Value object)
    {
        use();
        auto const* const existing = path.find_in(std::as_const(data_));
        if (existing != nullptr && existing->is_dict())
            return;
        keep_base(path);
        log_.make_object(path, object);
        path.assign_in(data_, std::move(object));
        modified_ = true;
    }

    /// Lets `function` change the value, null where it is missing, and keeps it for a replay. It gets the
    /// value and must not use the session. If it throws, nothing has changed.
    void update(ItemPath const& path, typename Log::Update function)
    {
        use();
        auto const* const existing = path.find_in(std::as_const(data_));
        auto value = existing != nullptr ? *existing : Value{};
        {
            Updating const updating{is_updating_};
            function(value);
        }
        keep_base(path);
        log_.update(path, std::move(function));
        path.assign_in(data_, std::move(value));
        modified_ = true;
    }

    /// By value: the items may be a part of the session.
    void update(Dict items) // NOLINT(performance-unnecessary-value-param)
    {
        use();
        for (auto const& [key, value] : items)
            set(ItemPath{key}, value);
        modified_ = true;
    }

    /// Needs nothing loaded (S-031).
    void clear()
    {
        use();
        log_.clear();
        data_.clear();
        loaded_ = modified_ = true;
    }

private:
    /// While a user's function runs.
    class Updating {
    public:
        explicit Updating(bool& is_updating) : is_updating_{is_updating} { is_updating_ = true; }
        Updating(Updating const&) = delete;
        Updating& operator=(Updating const&) = delete;
        ~Updating() { is_updating_ = false; }

    private:
        bool& is_updating_;
    };

    void replay_on(LazyDict<Serializer> newest)
    {
        if (!log_.empty()) {
            Updating const updating{is_updating_};
            auto const base =
                log_.has_rules() ? data_.loaded([this](std::string_view key) { return log_.wants_base(key); })
                                 : Dict{};
            log_.replay(newest.whole(), std::as_const(data_).whole(), base);
        }
        data_ = std::move(newest);
        is_saved_ = false;
        loaded_ = true;
    }

    /// The loaded text no longer tells what an item was before the changes, once the data were saved.
    void keep_base(ItemPath const& path)
    {
        if (is_saved_)
            log_.keep_base(path.key(), std::as_const(data_).find(path.key()));
    }

    /// Throws unless something can be put there.
    void check_way(ItemPath const& path) const
    {
        if (path.is_item())
            return;
        auto const obstacle = path.first_obstacle(data_);
        auto const is_there = obstacle.find_in(data_) != nullptr;
        if (!is_there && (obstacle != path || path.ends_with_index()))
            missing_item(obstacle.text());
        if (is_there && obstacle != path)
            throw TypeError{path.text() + ": there is no object or array to hold it"};
    }

    LazyDict<Serializer> data_;
    Log log_;
    bool loaded_ = false;
    bool accessed_ = false;
    bool modified_ = false;
    bool is_updating_ = false;
    bool is_saved_ = false; // since the data were loaded
};

} // namespace cloakroom::inline v0

#endif
