// SPDX-License-Identifier: MIT
#include <cloakroom/storage/file.hpp>

#include "support/catch.hpp"
#include "support/django_files.hpp"
#include "support/storage.hpp"
#include "support/temporary_folder.hpp"

#include <cloakroom/core/error.hpp>
#include <cloakroom/testing/interleave.hpp>
#include <cloakroom/testing/law.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What File does between two of its own system calls, walked through in every order with what Django does.

namespace cr = cloakroom;
using cr::WriteResult;
using cr::testing::for_each_interleaving;
using cr::testing::InterleavedRun;
using cr::testing::require;
using namespace std::chrono_literals;

namespace {

struct Steps : cr::storage::detail::NoProbe {
    static void point(std::string_view what) { cr::testing::interleave_point(what); }
};
using File = cr::storage::BasicFile<Steps>;

auto const old_key = key_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
auto const fresh_key = key_of("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
std::string const old_name = "sessionid" + std::string{old_key.reveal()};
std::string const fresh_name = "sessionid" + std::string{fresh_key.reveal()};

/// One folder with one record, the answers of each of our clients, and what Django did last.
struct Stage {
    explicit Stage(cr::Duration age = 0s)
    {
        storage.create(old_key, {"first", now - age + 500ms}, now - age);
        seen = *storage.load(old_key, now - age);
    }

    TemporaryFolder folder;
    cr::TimePoint now = cr::system_now();
    File storage{folder.path(""), {.lock_timeout = 0s}};
    DjangoFiles django{folder.path(""), [](std::string_view what) { cr::testing::interleave_point(what); }};
    cr::Stored seen;
    std::vector<std::string> committed;    // what our clients committed
    std::optional<std::string> django_did; // the last text that it saved, or "" for a deletion
    std::vector<std::string> done;         // the changes in the order in which they were acknowledged
    bool rotated = false;
    bool erased = false;

    std::optional<std::string> text(std::string const& name) { return django.text(name); }
    std::size_t files() const
    {
        std::size_t count = 0;
        for (auto const& entry : std::filesystem::directory_iterator{folder.path("")})
            count += entry.path().filename().string().starts_with("sessionid") ? 1U : 0U;
        return count;
    }
};

using Client = std::function<void(Stage&)>;

/// A client of ours that finds the lock taken gives up, with a StorageError: it changed nothing.
Client ours(std::function<void(Stage&)> action)
{
    return [action = std::move(action)](Stage& stage) {
        try {
            action(stage);
        } catch (cr::StorageError const& error) {
            require(std::string_view{error.what()}.find("lock_timeout") != std::string_view::npos,
                    error.what());
        }
    };
}

Client commit(std::string const& text)
{
    return ours([=](Stage& stage) {
        if (stage.storage.commit(old_key, stage.seen, {text, stage.now + 1h}, stage.now) ==
            WriteResult::committed) {
            stage.committed.push_back(text);
            stage.done.push_back("commit");
        }
    });
}

Client const rotate = ours([](Stage& stage) {
    if (stage.storage.rotate(old_key, stage.seen, fresh_key, {"rotated", stage.now + 1h}, stage.now) ==
        WriteResult::committed) {
        stage.rotated = true;
        stage.done.push_back("rotate");
    }
});

Client const erase = ours([](Stage& stage) {
    if (stage.storage.erase(old_key)) {
        stage.erased = true;
        stage.done.push_back("erase");
    }
});

Client django_saves(std::string const& text)
{
    return [=](Stage& stage) {
        if (stage.django.save(old_name, text)) {
            stage.django_did = text;
            stage.done.push_back("save");
        }
    };
}

Client const django_deletes = [](Stage& stage) {
    stage.django.remove(old_name);
    stage.django_did = "";
    stage.done.push_back("delete");
};

/// Whether `what` was done after the last thing that Django did.
bool nothing_after_django(Stage const& stage)
{
    return !stage.done.empty() && (stage.done.back() == "save" || stage.done.back() == "delete");
}

} // namespace

TEST_CASE("A commit never overwrites what Django saved meanwhile, however often it saves")
{
    std::size_t conflicts = 0;
    auto const report = for_each_interleaving(
        [] { return Stage{}; }, {commit("ours"), django_saves("D1"), django_saves("D2")},
        [&](Stage& stage, InterleavedRun const&) {
            // Both of Django's saves succeed, since nobody deletes: the last of them is what must be there.
            require(stage.text(old_name) == stage.django_did, "Django's last save is lost.");
            require(stage.files() == 1, "A file is left behind.");
            conflicts += stage.committed.empty() ? 1U : 0U;
        });
    CHECK(report.schedules > 100);
    CHECK(conflicts > 10);
    CHECK(conflicts < report.schedules);
}

TEST_CASE("A commit never brings back what Django deleted, also when Django saved before")
{
    auto const report =
        for_each_interleaving([] { return Stage{}; }, {commit("ours"), django_saves("D1"), django_deletes},
                              [&](Stage& stage, InterleavedRun const&) {
                                  auto const found = stage.text(old_name);
                                  if (stage.django_did == "")
                                      require(!found, "A deleted record is back.");
                                  else
                                      require(found == stage.django_did, "Django's save is lost.");
                                  require(stage.files() == (found ? 1U : 0U), "A file is left behind.");
                              });
    CHECK(report.schedules > 20);
}

TEST_CASE("A touch is committed only for the file that is the record")
{
    std::size_t touched = 0;
    for_each_interleaving([] { return Stage{}; },
                          {ours([](Stage& stage) {
                               if (stage.storage.touch(old_key, stage.seen, stage.now + 5h, stage.now) ==
                                   WriteResult::committed)
                                   stage.done.push_back("touch");
                           }),
                           django_saves("D1")},
                          [&](Stage& stage, InterleavedRun const&) {
                              require(stage.text(old_name) == "D1", "Django's save is lost.");
                              touched += stage.done.back() == "save" && stage.done.size() == 2 ? 1U : 0U;
                              if (stage.done.front() == "save")
                                  require(stage.done.size() == 1,
                                          "A touch of a file that was gone is committed.");
                          });
    CHECK(touched > 0);
}

TEST_CASE("A rotation leaves one key, or what Django saved or deleted meanwhile")
{
    std::size_t rotations = 0;
    auto const check = [&](Stage& stage, InterleavedRun const&) {
        auto const found = stage.text(old_name);
        auto const fresh = stage.text(fresh_name);
        require(stage.rotated == fresh.has_value(),
                "The fresh record is there and not acknowledged, or missing.");
        rotations += stage.rotated ? 1U : 0U;
        if (stage.rotated)
            require(fresh == "rotated", "The fresh record holds something else.");
        if (stage.rotated && !nothing_after_django(stage))
            require(!found, "The old key lives after the rotation.");
        if (!stage.rotated && stage.django_did)
            require(found.value_or("") == *stage.django_did, "What Django did last is lost.");
        require(stage.files() == (found ? 1U : 0U) + (fresh ? 1U : 0U), "A file is left behind.");
    };
    auto const saves = for_each_interleaving([] { return Stage{}; },
                                             {rotate, django_saves("D1"), django_saves("D2")}, check);
    CHECK(saves.schedules > 100);
    auto const deletes =
        for_each_interleaving([] { return Stage{}; }, {rotate, django_saves("D1"), django_deletes}, check);
    CHECK(deletes.schedules > 50);
    CHECK(rotations > 10);
    CHECK(rotations < saves.schedules + deletes.schedules);
}

TEST_CASE("Between commit, rotation and erasure of ours one at most wins, whoever has the lock")
{
    std::size_t busy = 0;
    for (auto const& clients : {std::vector<Client>{commit("one"), commit("two"), rotate},
                                std::vector<Client>{commit("one"), rotate, erase},
                                std::vector<Client>{rotate, rotate, commit("one")}}) {
        for_each_interleaving(
            [] { return Stage{}; }, clients,
            [&](Stage& stage, InterleavedRun const&) {
                require(stage.committed.size() + (stage.rotated ? 1U : 0U) <= 1,
                        "Two replaced the same version.");
                auto const found = stage.text(old_name);
                auto const fresh = stage.text(fresh_name);
                if (stage.rotated)
                    require(!found && fresh == "rotated", "After a rotation one key does not live alone.");
                else if (stage.erased)
                    require(!found && !fresh, "What was erased is there.");
                else if (!stage.committed.empty())
                    require(found == stage.committed.front() && !fresh, "An acknowledged commit is lost.");
                else
                    ++busy;
            });
    }
    CHECK(busy == 0); // somebody always has the lock
}

TEST_CASE(
    "Ours and Django's in one folder: no order of a commit, an erasure and a save loses an acknowledged end")
{
    for_each_interleaving([] { return Stage{}; }, {commit("ours"), erase, django_saves("D1")},
                          [&](Stage& stage, InterleavedRun const&) {
                              auto const found = stage.text(old_name);
                              if (stage.erased && stage.done.back() == "erase")
                                  require(!found, "An erased record is back.");
                              if (stage.django_did && stage.done.back() == "save")
                                  require(found == "D1", "Django's save is lost.");
                              require(stage.files() == (found ? 1U : 0U), "A file is left behind.");
                          });
}

TEST_CASE("A reader sees whole texts only, and what was erased not again")
{
    for_each_interleaving([] { return Stage{}; },
                          {commit("ours"), django_saves("D1"),
                           [](Stage& stage) {
                               for (int i = 0; i < 2; ++i) {
                                   cr::testing::interleave_point("read");
                                   auto const found = stage.storage.load(old_key, stage.now);
                                   require(found.has_value(), "A reader finds nothing during a commit.");
                                   require(found->payload == "first" || found->payload == "ours" ||
                                               found->payload == "D1",
                                           "A reader finds half a record.");
                               }
                           }},
                          [](Stage&, InterleavedRun const&) {});
    for_each_interleaving(
        [] { return Stage{}; },
        {[](Stage& stage) { stage.django.create(fresh_name, "new"); },
         [](Stage& stage) {
             cr::testing::interleave_point("read");
             auto const found = stage.storage.load(fresh_key, stage.now);
             require(!found || found->payload.empty() || found->payload == "new", "Half a record.");
             cr::testing::interleave_point("create");
             auto const created = stage.storage.create(fresh_key, {"ours", stage.now + 1h}, stage.now);
             require(!created || stage.storage.load(fresh_key, stage.now)->payload == "ours",
                     "Two created the same record.");
         }},
        [](Stage&, InterleavedRun const&) {});
}

TEST_CASE("Only while a commit is under way may a reader find it instead of what Django has saved")
{
    std::size_t shown = 0;
    for_each_interleaving([] { return Stage{}; },
                          {ours([](Stage& stage) {
                               stage.storage.commit(old_key, stage.seen, {"ours", stage.now + 1h}, stage.now);
                               stage.done.push_back("answer");
                           }),
                           django_saves("D1"),
                           [&](Stage& stage) {
                               cr::testing::interleave_point("read");
                               auto const answered = std::ranges::count(stage.done, "answer") != 0;
                               auto const saved = std::ranges::count(stage.done, "save") != 0;
                               auto const found = stage.text(old_name);
                               if (answered && saved)
                                   require(found == "D1",
                                           "A commit that has answered hides what Django saved.");
                               shown += saved && found == "ours" ? 1U : 0U;
                           }},
                          [](Stage&, InterleavedRun const&) {});
    CHECK(shown > 0);
}

TEST_CASE("A sweep takes what is expired, and Django's save to it or the whole of it")
{
    std::size_t swept = 0;
    auto const report =
        for_each_interleaving([] { return Stage{1s}; },
                              {ours([](Stage& stage) {
                                   if (stage.storage.clear_expired(stage.now, 10) == 1)
                                       stage.done.push_back("sweep");
                               }),
                               django_saves("D1"), django_deletes},
                              [&](Stage& stage, InterleavedRun const&) {
                                  auto const found = stage.text(old_name);
                                  require(!found || found == "D1", "An expired record is left.");
                                  require(found.has_value() == (stage.done.back() == "save"),
                                          "A save is lost, or a deleted record is back.");
                                  require(stage.files() == (found ? 1U : 0U), "A file is left behind.");
                                  swept += found ? 0U : 1U;
                              });
    CHECK(swept > 0);
    CHECK(swept < report.schedules);
}
