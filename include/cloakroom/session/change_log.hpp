// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_CHANGE_LOG_HPP
#define CLOAKROOM_SESSION_CHANGE_LOG_HPP

#include <cloakroom/core/value.hpp>
#include <cloakroom/session/item_path.hpp>
#include <cloakroom/session/sum.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0 {

/// What one request did to the session's data, as operations that can be done again on newer data when
/// another request was faster. Kept short: a change that a later one undoes is dropped.
///
/// A plain set keeps no value: when it is replayed it takes the one that the request's own data have by then.
class ChangeLog {
public:
    using Update = std::function<void(Value&)>;

    bool empty() const noexcept { return changes_.empty(); }
    void forget() noexcept { changes_.clear(); }

    void set(ItemPath const& path);
    void add(ItemPath const& path, Value operand);
    void erase(ItemPath const& path);
    void set_default(ItemPath const& path, Value value);
    void update(ItemPath const& path, Update function);
    void clear();

    /// Does the changes again on `newest`, the data that another request left. On different keys both
    /// requests' changes stand; on the same key a set wins over theirs, sums and updates apply to theirs, a
    /// default yields to theirs. Where a change cannot be done any more, because what it changed within is
    /// gone or of another type, the whole item becomes what `ours`, the data of this request, has for it: the
    /// last writer wins that key.
    void replay(Dict& newest, Dict const& ours) const;

private:
    enum class Kind { set, add, erase, set_default, update, clear };

    struct Change {
        Change(Kind what, ItemPath const& where, Value with = {}, Update how = {})
            : kind{what}, path{where}, operand{std::move(with)}, function{std::move(how)}
        {
        }

        Kind kind;
        ItemPath path;
        Value operand;
        Update function;
    };

    static bool apply(Change const& change, Dict& newest, Dict const& ours);
    bool is_set(ItemPath const& path) const;
    void drop_within(ItemPath const& path);

    std::vector<Change> changes_;
};

inline void ChangeLog::set(ItemPath const& path)
{
    if (is_set(path))
        return;
    drop_within(path);
    changes_.emplace_back(Kind::set, path);
}

inline void ChangeLog::add(ItemPath const& path, Value operand)
{
    if (is_set(path))
        return;
    if (!changes_.empty() && changes_.back().kind == Kind::add && changes_.back().path == path &&
        operand.is_integer() && changes_.back().operand.is_integer())
        if (auto both = sum(changes_.back().operand, operand)) {
            changes_.back().operand = std::move(*both);
            return;
        }
    changes_.emplace_back(Kind::add, path, std::move(operand));
}

inline void ChangeLog::erase(ItemPath const& path)
{
    drop_within(path);
    if (!is_set(path))
        changes_.emplace_back(Kind::erase, path);
}

inline void ChangeLog::set_default(ItemPath const& path, Value value)
{
    changes_.emplace_back(Kind::set_default, path, std::move(value));
}

inline void ChangeLog::update(ItemPath const& path, Update function)
{
    if (!is_set(path))
        changes_.emplace_back(Kind::update, path, Value{}, std::move(function));
}

inline void ChangeLog::clear()
{
    changes_.clear();
    changes_.emplace_back(Kind::clear, ItemPath{});
}

/// Whether a set of the path, or of something that it lies within, will bring the final value anyway.
inline bool ChangeLog::is_set(ItemPath const& path) const
{
    return std::any_of(changes_.begin(), changes_.end(), [&](Change const& change) {
        return change.kind == Kind::set && path.is_within(change.path);
    });
}

inline void ChangeLog::drop_within(ItemPath const& path)
{
    std::erase_if(changes_, [&](Change const& change) {
        return change.kind != Kind::clear && change.path.is_within(path);
    });
}

inline void ChangeLog::replay(Dict& newest, Dict const& ours) const
{
    std::vector<std::string_view> conflicts;
    for (auto const& change : changes_)
        if (!apply(change, newest, ours))
            conflicts.push_back(change.path.key());
    for (auto const key : conflicts) {
        if (auto const* const value = ours.find(key))
            newest.insert_or_assign(key, *value);
        else
            newest.erase(key);
    }
}

/// False where the change cannot be done.
inline bool ChangeLog::apply(Change const& change, Dict& newest, Dict const& ours)
{
    switch (change.kind) {
    case Kind::clear:
        newest.clear();
        return true;
    case Kind::erase:
        return change.path.erase_from(newest).has_value();
    case Kind::set:
        if (auto const* const value = change.path.find_in(ours))
            return change.path.assign_in(newest, *value);
        return true;
    case Kind::set_default:
        return change.path.find_in(newest) != nullptr || change.path.assign_in(newest, change.operand);
    case Kind::add: {
        auto* const value = change.path.find_in(newest);
        if (value == nullptr)
            return change.path.assign_in(newest, change.operand);
        auto total = sum(*value, change.operand);
        if (total)
            *value = std::move(*total);
        return total.has_value();
    }
    case Kind::update: {
        auto* const value = change.path.find_or_add_in(newest);
        if (value != nullptr)
            change.function(*value);
        return value != nullptr;
    }
    }
    return false;
}

} // namespace cloakroom::inline v0

#endif
