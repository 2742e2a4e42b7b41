// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_CHANGE_FLAG_HPP
#define CLOAKROOM_SESSION_CHANGE_FLAG_HPP

#include <cloakroom/core/value.hpp>
#include <cloakroom/session/item_path.hpp>
#include <cloakroom/session/item_resolver.hpp>

#include <functional>
#include <string_view>

namespace cloakroom::inline v0 {

/// Whether one request changed the session's data: what is left of ChangeLog where no other request can be
/// faster, so that nothing is ever done again. Has the same functions.
class ChangeFlag {
public:
    using Update = std::function<void(Value&)>;

    bool empty() const noexcept { return !is_changed_; }
    void forget() noexcept { is_changed_ = false; }

    void set(ItemPath const&, Value const&, ItemResolver = nullptr) noexcept { is_changed_ = true; }
    void add(ItemPath const&, Value const&, ItemCheck = nullptr) noexcept { is_changed_ = true; }
    void erase(ItemPath const&, ItemResolver = nullptr) noexcept { is_changed_ = true; }
    void set_default(ItemPath const&, Value const&) noexcept { is_changed_ = true; }
    void make_object(ItemPath const&, Value const&) noexcept { is_changed_ = true; }
    void update(ItemPath const&, Update const&) noexcept { is_changed_ = true; }
    void clear() noexcept { is_changed_ = true; }

    void keep_base(std::string_view, Value const*) const noexcept {}
    bool wants_base(std::string_view) const noexcept { return false; }
    bool has_rules() const noexcept { return false; }

    /// Without a log all data become ours.
    static void replay(Dict& newest, Dict const& ours, Dict const& = {}) { newest = ours; }

private:
    bool is_changed_ = false;
};

} // namespace cloakroom::inline v0

#endif
