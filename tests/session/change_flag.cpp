// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <cloakroom/session/change_flag.hpp>
#include <cloakroom/session/change_log.hpp>

namespace cr = cloakroom;

TEST_CASE("ChangeFlag is set by every change and forgets, as ChangeLog does; done again, all data are ours")
{
    auto const check = [](auto changes, auto change) {
        CHECK(changes.empty());
        change(changes);
        CHECK_FALSE(changes.empty());
        changes.forget();
        CHECK(changes.empty());
    };
    auto const check_both = [&](auto change) {
        check(cr::ChangeFlag{}, change);
        check(cr::ChangeLog{}, change);
    };
    cr::ItemPath const path{"a"};
    check_both([&](auto& changes) { changes.set(path, 1); });
    check_both([&](auto& changes) { changes.add(path, 1); });
    check_both([&](auto& changes) { changes.erase(path); });
    check_both([&](auto& changes) { changes.set_default(path, 1); });
    check_both([&](auto& changes) { changes.make_object(path, cr::Dict{}); });
    check_both([&](auto& changes) { changes.update(path, [](cr::Value&) {}); });
    check_both([&](auto& changes) { changes.clear(); });

    cr::Dict newest{{"theirs", 1}};
    cr::ChangeFlag::replay(newest, {{"ours", 2}});
    CHECK(newest == cr::Dict{{"ours", 2}});
}
