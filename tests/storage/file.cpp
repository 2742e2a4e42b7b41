// SPDX-License-Identifier: MIT
#include <cloakroom/storage/file.hpp>

#include "support/catch.hpp"
#include "support/django_files.hpp"
#include "support/error_text.hpp"
#include "support/in_child.hpp"
#include "support/storage.hpp"
#include "support/temporary_folder.hpp"
#include "support/vectors.hpp"

#include <cloakroom/core/error.hpp>
#include <cloakroom/testing/storage_laws.hpp>
#include <cloakroom/testing/storage_stress.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <csignal>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cr = cloakroom;
using cr::WriteResult;
using cr::storage::File;
using namespace std::chrono_literals;

namespace {

auto const a = key_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
auto const b = key_of("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");

struct Folder {
    explicit Folder(cr::storage::FileOptions options = {}) : storage(folder.path(""), std::move(options)) {}

    std::string path(cr::SessionKey const& key) const
    {
        return folder.path("sessionid" + std::string{key.reveal()});
    }
    /// All names but the lock file's.
    std::set<std::string> names() const
    {
        std::set<std::string> found;
        for (auto const& entry : std::filesystem::directory_iterator{folder.path("")})
            if (auto const name = entry.path().filename().string(); !name.starts_with(".cloakroom-lock-"))
                found.insert(name);
        return found;
    }

    TemporaryFolder folder;
    File storage;
};

/// Every operation that writes a record.
Operations all_writes(File& storage)
{
    auto operations = record_operations(storage, a, b, test_now);
    operations.erase(operations.begin()); // load
    return operations;
}

void demand(bool holds, std::string const& what)
{
    if (!holds)
        throw std::runtime_error{what};
}

struct WithoutExchange : cr::storage::detail::NoProbe {
    static constexpr bool can_exchange = false;
};
using FileWithoutExchange = cr::storage::BasicFile<WithoutExchange>;

struct TwoHoursLater : cr::storage::detail::NoProbe {
    static cr::TimePoint now() { return cr::system_now() + 2h; }
};
using FileTwoHoursLater = cr::storage::BasicFile<TwoHoursLater>;

} // namespace

TEST_CASE("File keeps the storage laws in every schedule of two and of three clients")
{
    Folder folder;
    auto const use = [&]() -> auto& { return folder.storage; };
    CHECK(cr::testing::storage_laws(use, {.depth = 5, .clients = 2}).schedules > 4000);
    CHECK(cr::testing::storage_laws(use, {.depth = 4, .clients = 3}).schedules > 800);
    CHECK(folder.names().empty());
}

TEST_CASE("File keeps the storage laws where files cannot be exchanged")
{
    TemporaryFolder const folder;
    FileWithoutExchange storage{folder.path("")};
    auto const use = [&]() -> auto& { return storage; };
    CHECK(cr::testing::storage_laws(use, {.depth = 4, .clients = 2}).schedules > 100);
    CHECK_NOTHROW(cr::testing::storage_stress(storage, {.threads = 3, .rounds = 20}));
}

TEST_CASE("File stands the stress of real threads")
{
    Folder folder;
    CHECK_NOTHROW(cr::testing::storage_stress(folder.storage, {.threads = 4, .rounds = 60}));
    CHECK(folder.names().empty());
}

TEST_CASE("Processes count together in a File and lose nothing, whether they open it or inherit it")
{
    Folder folder;
    folder.storage.create(a, record_of("0"), test_now);
    constexpr int processes = 4;
    constexpr int rounds = 100;
    std::vector<pid_t> children;
    for (int i = 0; i < processes; ++i) {
        auto const child = fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            int status = 1;
            try {
                File own{folder.folder.path("")};
                auto& storage = i % 2 == 0 ? own : folder.storage;
                for (int round = 0; round < rounds; ++round)
                    count_up(storage, a, test_now);
                status = 0;
            } catch (...) {
            }
            _exit(status);
        }
        children.push_back(child);
    }
    for (auto const child : children) {
        int status = 1;
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(status == 0);
    }
    CHECK(folder.storage.load(a, test_now)->payload == std::to_string(processes * rounds));
}

TEST_CASE("A writer that is killed at any moment loses no acknowledged write")
{
    Folder folder;
    folder.storage.create(a, record_of("0"), test_now);
    long total = 0;
    for (int kill_after = 1; kill_after <= 12; ++kill_after) {
        int pipe_ends[2];
        REQUIRE(pipe(pipe_ends) == 0);
        auto const child = fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            while (count_up(folder.storage, a, test_now))
                if (write(pipe_ends[1], "x", 1) != 1)
                    break;
            _exit(1);
        }
        close(pipe_ends[1]);
        usleep(static_cast<useconds_t>(kill_after) * 1371);
        kill(child, SIGKILL);
        int status = 0;
        waitpid(child, &status, 0);
        long acknowledged = 0;
        char byte = 0;
        while (read(pipe_ends[0], &byte, 1) == 1)
            ++acknowledged;
        close(pipe_ends[0]);
        auto const found = folder.storage.load(a, test_now);
        REQUIRE(found);
        total += acknowledged;
        auto const counted = std::stol(found->payload);
        CHECK(counted >= total);
        CHECK(counted <= total + 1); // the last one may have been done and not told
        total = counted;
        CHECK(count_up(folder.storage, a, test_now)); // no lock is left behind
        ++total;
    }
}

TEST_CASE("S-201, S-203, S-204: a file has Django's name, content and mode")
{
    Folder folder;
    auto const& vector = vectors({"files", "write"});
    auto const key = key_of(text_at(vector, "session_key"));
    auto const old_mask = ::umask(0);
    CHECK(folder.storage.create(key, {text_at(vector, "body"), test_now + 336h}, test_now));
    ::umask(old_mask);
    CHECK(folder.names() == std::set<std::string>{text_at(vector, "file_name")});
    CHECK(DjangoFiles{folder.folder.path("")}.text(text_at(vector, "file_name")) == text_at(vector, "body"));
    CHECK((status_of(folder.path(key)).st_mode & 07777) == 0600);

    auto const seen = folder.storage.load(key, test_now);
    CHECK(folder.storage.commit(key, *seen, record_of("another"), test_now) == WriteResult::committed);
    CHECK((status_of(folder.path(key)).st_mode & 07777) == 0600);
    CHECK(folder.names() == std::set<std::string>{text_at(vector, "file_name")});
}

TEST_CASE("S-209: a file's time is the deadline less the cookie's age, to the microsecond")
{
    Folder folder{{.cookie_age = 60s}};
    CHECK(folder.storage.create(a, {"text", test_now + 90s}, test_now));
    auto const status = status_of(folder.path(a));
    CHECK(status.st_mtim.tv_sec == 1'780'000'030);
    CHECK(status.st_mtim.tv_nsec == 123'456'000);

    set_file_time(folder.path(a), 1'780'000'000, 999'999'999); // Django's files have nanoseconds
    CHECK(folder.storage.load(a, test_now)->expires == cr::TimePoint{1'780'000'060s} + 999'999us);
    CHECK_FALSE(folder.storage.load(a, cr::TimePoint{1'780'000'060s} + 999'999us));
}

TEST_CASE("Deadlines from the year 1 to 9999 come back, and Django reads far ones as centuries ahead")
{
    Folder folder;
    for (auto const deadline : {cr::latest_time, cr::latest_time - microsecond,
                                cr::TimePoint{std::chrono::sys_days{std::chrono::year{2400} / 1 / 15}},
                                cr::TimePoint{std::chrono::sys_days{std::chrono::year{2410} / 1 / 15}},
                                cr::TimePoint{std::chrono::sys_days{std::chrono::year{3333} / 3 / 3}} + 1us,
                                cr::TimePoint{std::chrono::sys_days{std::chrono::year{2100} / 1 / 1}}}) {
        CHECK(folder.storage.create(a, {"text", deadline}, test_now));
        CHECK(folder.storage.load(a, test_now)->expires == deadline);
        CHECK(status_of(folder.path(a)).st_mtim.tv_sec > 4'000'000'000);
        folder.storage.erase(a);
    }
    for (auto const deadline : {cr::earliest_time, cr::TimePoint{-5'000'000'000s}}) {
        CHECK(folder.storage.create(a, {"text", deadline}, test_now));
        CHECK_FALSE(folder.storage.load(a, test_now));
        CHECK(folder.storage.clear_expired(test_now, 10) == 1);
    }
}

TEST_CASE("S-205: Django's empty placeholder is a record without content, which can be written over")
{
    Folder folder;
    std::ofstream{folder.path(a)};
    set_file_time(folder.path(a), 1'780'000'000);
    auto const seen = folder.storage.load(a, test_now);
    REQUIRE(seen);
    CHECK(seen->payload.empty());
    CHECK_FALSE(folder.storage.create(a, record_of("new"), test_now));
    CHECK(folder.storage.commit(a, *seen, record_of("new"), test_now) == WriteResult::committed);
    CHECK(folder.storage.load(a, test_now)->payload == "new");
}

TEST_CASE("S-214: what is no record stays, but for files that a writer left behind more than an hour ago")
{
    Folder folder;
    auto const left = vectors({"files", "clear_expired_leaves"}).as<cr::Array>();
    for (auto const& name : left)
        std::ofstream{folder.folder.path(name.as<std::string>())};
    std::ofstream{folder.folder.path("sessionidAAAAAAAAAAAA")};
    std::filesystem::create_directory(folder.folder.path("sessionidcccccccccccc"));
    for (auto const& name : left)
        set_file_time(folder.folder.path(name.as<std::string>()), 1000);
    // Only the empty file with a right name is a record, and it has expired: Django leaves it for ever.
    CHECK(folder.storage.clear_expired(test_now, 10) == 1);
    auto const names = folder.names();
    for (auto const& name : left)
        CHECK(names.contains(name.as<std::string>()) ==
              (name.as<std::string>() != "sessionidqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"));
    CHECK(names.contains("sessionidAAAAAAAAAAAA"));
    CHECK(names.contains("sessionidcccccccccccc"));

    FileTwoHoursLater later{folder.folder.path("")};
    CHECK(later.clear_expired(test_now, 10) == 0); // it counts records alone
    auto const rest = folder.names();
    CHECK_FALSE(rest.contains("sessionidabcdefgh_out_x1y2z3"));
    CHECK(rest.size() + 1 == names.size());
}

TEST_CASE("A long sweep walks through the folder once and keeps to its budgets")
{
    Folder folder;
    for (std::size_t i = 0; i < 60; ++i)
        folder.storage.create(numbered_key(i), record_of("x", i < 45 ? test_now - 1s : test_now + 1h),
                              test_now);
    CHECK(folder.storage.clear_expired(test_now, 20) == 20);
    folder.storage.create(a, record_of("x", test_now - 1s), test_now); // not seen by the first walk
    CHECK(folder.storage.clear_expired(test_now, 20) == 20);
    CHECK(folder.storage.clear_expired(test_now, 20) == 6);
    CHECK(folder.names().size() == 15);
}

TEST_CASE("Two prefixes in one folder do not see each other's sessions")
{
    TemporaryFolder const folder;
    File one{folder.path(""), {.prefix = "one"}};
    File two{folder.path(""), {.prefix = "two"}};
    one.create(a, record_of("1", test_now - 1s), test_now - 1h);
    CHECK_FALSE(two.load(a, test_now - 1h));
    CHECK_FALSE(two.erase(a));
    CHECK(two.clear_expired(test_now, 10) == 0);
    CHECK(one.load(a, test_now - 1h));
}

TEST_CASE("S-200, S-202, S-543: settings and keys that lead nowhere or elsewhere are refused")
{
    CHECK(text_at(vectors({"files", "missing_directory"}), "error") ==
          "django.core.exceptions.ImproperlyConfigured");
    CHECK_THROWS_AS(File{"/no/such/directory"}, cr::ImproperlyConfigured);
    CHECK(contains(error_of<cr::ImproperlyConfigured>([] { File{"/no/such/directory"}; }),
                   "/no/such/directory"));
    TemporaryFolder const folder;
    std::ofstream{folder.path("file")};
    CHECK_THROWS_AS(File{folder.path("file")}, cr::ImproperlyConfigured);
    for (auto const* const prefix : {"", "../x", "a/b", "a b", "a\n"})
        CHECK_THROWS_AS((File{folder.path(""), {.prefix = prefix}}), cr::ImproperlyConfigured);
    CHECK_THROWS_AS((File{folder.path(""), {.prefix = std::string(129, 'a')}}), cr::ImproperlyConfigured);
    for (auto const age : {-1s, 3'200'000'000s})
        CHECK_THROWS_AS((File{folder.path(""), {.cookie_age = age}}), cr::ImproperlyConfigured);
    CHECK_NOTHROW(File{folder.path(""), {.prefix = "__Host-id", .cookie_age = 0s}});
    CHECK_NOTHROW(File{}); // the system's folder for temporary files

    for (auto const& each : vectors({"files", "key_to_file"}).as<cr::Array>()) {
        auto const& pair = each.as<cr::Array>();
        auto const key = cr::SessionKey::parse(pair.at(0).as<std::string>());
        CHECK((key && key->is_storable()) == pair.at(1).get_if<cr::Dict>()->contains("ok"));
    }
}

TEST_CASE("Symbolic links and other things under a record's name are neither followed nor touched")
{
    Folder folder;
    TemporaryFolder const elsewhere;
    std::ofstream{elsewhere.path("secret")} << "1";
    std::filesystem::create_symlink(elsewhere.path("secret"), folder.path(a));
    auto const everything = [&] {
        CHECK_THROWS_AS(folder.storage.load(a, test_now), cr::StorageError);
        cr::Stored const seen{"1", test_now + 1h, 0};
        CHECK_FALSE(folder.storage.create(a, record_of("2"), test_now));
        CHECK_THROWS_AS(folder.storage.commit(a, seen, record_of("2"), test_now), cr::StorageError);
        CHECK_THROWS_AS(folder.storage.touch(a, seen, test_now, test_now), cr::StorageError);
        CHECK_THROWS_AS(folder.storage.rotate(a, seen, b, record_of("2"), test_now), cr::StorageError);
        CHECK(folder.storage.clear_expired(cr::latest_time, 10) == 0);
    };
    everything();
    CHECK(std::filesystem::is_symlink(folder.path(a)));
    CHECK(DjangoFiles{elsewhere.path("")}.text("secret") == "1");
    auto const message = error_of([&] { folder.storage.load(a, test_now); });
    CHECK_FALSE(contains(message, a.reveal()));
    CHECK(contains(message, "no regular file"));

    std::filesystem::remove(folder.path(a));
    std::filesystem::create_directory(folder.path(a));
    everything();
    CHECK_THROWS_AS(folder.storage.erase(a), cr::StorageError);
    std::filesystem::remove(folder.path(a));
    REQUIRE(::mkfifo(folder.path(a).c_str(), 0600) == 0);
    everything();
    std::filesystem::remove(folder.path(a));
    CHECK(folder.storage.create(a, record_of("1"), test_now)); // and a file is fine
    CHECK(folder.storage.load(a, test_now));
}

TEST_CASE("A folder that is removed is an error, never a visitor without a session, and works again when it "
          "is back")
{
    TemporaryFolder const folder;
    auto const path = folder.path("sessions");
    std::filesystem::create_directory(path);
    File storage{path};
    storage.create(a, record_of("1"), test_now);
    CHECK(storage.load(a, test_now));
    std::filesystem::remove_all(path);
    CHECK_THROWS_AS(storage.load(a, test_now), cr::StorageError);
    for (auto const& [name, write] : all_writes(storage)) {
        INFO(name);
        CHECK_THROWS_AS(write(), cr::StorageError);
    }
    CHECK_THROWS_AS(storage.clear_expired(test_now, 1), cr::StorageError);
    CHECK_THROWS_AS(storage.for_each(test_now, [](auto const&, auto const&) {}), cr::StorageError);
    CHECK(contains(error_of([&] { storage.load(a, test_now); }), "Make the folder again"));
    std::filesystem::create_directory(path);
    CHECK_FALSE(storage.load(a, test_now));
    CHECK(storage.create(a, record_of("2"), test_now));
    CHECK(storage.load(a, test_now)->payload == "2");
}

TEST_CASE("The lock file may be removed between two writes")
{
    Folder folder;
    folder.storage.create(a, record_of("1"), test_now);
    for (auto const& entry : std::filesystem::directory_iterator{folder.folder.path("")})
        if (entry.path().filename().string().starts_with(".cloakroom-lock-"))
            std::filesystem::remove(entry.path());
    CHECK(folder.storage.erase(a));
}

TEST_CASE("A lock that a stopped process holds is an error after lock_timeout, and only for that record")
{
    Folder folder{{.lock_timeout = 30ms}};
    folder.storage.create(a, record_of("1"), test_now);
    folder.storage.create(b, record_of("1"), test_now);
    auto const name = "sessionid" + std::string{a.reveal()};
    {
        cr::storage::detail::FileFolder other{folder.folder.path("")};
        cr::storage::detail::FileLock const held{other, name, 0s};
        auto const seen = folder.storage.load(a, test_now);
        REQUIRE(seen); // a reader does not wait
        auto const message = error_of([&] { folder.storage.commit(a, *seen, record_of("2"), test_now); });
        CHECK(contains(message, "lock_timeout"));
        CHECK_FALSE(contains(message, a.reveal()));
        CHECK(folder.storage.erase(b));
    }
    CHECK(folder.storage.erase(a));
}

TEST_CASE("A lock is waited for also when lock_timeout is as long as a Duration is")
{
    Folder folder{{.lock_timeout = cr::Duration::max()}};
    folder.storage.create(a, record_of("1"), test_now);
    cr::storage::detail::FileFolder other{folder.folder.path("")};
    auto held =
        std::make_unique<cr::storage::detail::FileLock>(other, "sessionid" + std::string{a.reveal()}, 0s);
    auto erased = std::async(std::launch::async, [&] { return folder.storage.erase(a); });
    CHECK(erased.wait_for(50ms) == std::future_status::timeout);
    held.reset();
    CHECK(erased.get());
}

TEST_CASE("A full disk is an error, and the record stays as it was (not S-206)")
{
    Folder folder;
    folder.storage.create(a, record_of("1"), test_now);
    auto const result = in_child([&] {
        ::signal(SIGXFSZ, SIG_IGN);
        rlimit const limit{100, 100};
        demand(::setrlimit(RLIMIT_FSIZE, &limit) == 0, "cannot limit the size of files");
        auto const seen = folder.storage.load(a, test_now);
        auto const large = record_of(std::string(1000, 'x'));
        for (auto const& work :
             std::vector<std::function<void()>>{[&] { folder.storage.commit(a, *seen, large, test_now); },
                                                [&] { folder.storage.create(b, large, test_now); },
                                                [&] { folder.storage.rotate(a, *seen, b, large, test_now); }})
            demand(contains(error_of(work), "File too large"), error_of(work));
        demand(folder.storage.commit(a, *seen, record_of("2"), test_now) == WriteResult::committed,
               "a small one fits");
    });
    CHECK(result == 0);
    CHECK(folder.storage.load(a, test_now)->payload == "2");
    CHECK(folder.names().size() == 1);
}

TEST_CASE("A file system without room, or read-only, says so and keeps the record")
{
    constexpr int cannot_be_done = 77;
    TemporaryFolder const folder;
    auto const result = in_child([&]() -> int {
        if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            ::mount("tmpfs", folder.path("").c_str(), "tmpfs", 0, "size=64k") != 0)
            return cannot_be_done;
        {
            File storage{folder.path("")};
            demand(storage.create(a, record_of("1"), test_now), "not created");
            auto const seen = storage.load(a, test_now);
            auto const large = record_of(std::string(200'000, 'x'));
            auto const full = error_of([&] { storage.commit(a, *seen, large, test_now); });
            demand(contains(full, "No space left on device") && contains(full, "clear_expired"), full);
            demand(error_of([&] { storage.create(b, large, test_now); }) != no_error, "there is room");
            demand(storage.load(a, test_now) == seen, "the record is another");
            demand(storage.commit(a, *seen, record_of("1"), test_now) == WriteResult::committed,
                   "no recovery");
        }
        demand(::mount("none", folder.path("").c_str(), nullptr, MS_REMOUNT | MS_RDONLY, "size=64k") == 0,
               "cannot mount it read-only");
        File storage{folder.path("")};
        for (auto const& [name, write] : all_writes(storage))
            demand(contains(error_of(write), "Read-only file system"), name);
        demand(
            contains(error_of([&] { storage.clear_expired(cr::latest_time, 1); }), "Read-only file system"),
            "sweep");
        demand(storage.load(a, test_now)->payload == "1", "cannot be read");
        return 0;
    });
    if (result == cannot_be_done)
        WARN("no right to mount here: left out");
    else
        CHECK(result == 0);
}

TEST_CASE("Another user's folder or file is an error that says whose they have to be")
{
    Folder folder;
    folder.storage.create(a, record_of("1"), test_now);
    if (::geteuid() != 0) {
        std::filesystem::permissions(folder.path(a), std::filesystem::perms::none);
        CHECK(contains(error_of([&] { folder.storage.load(a, test_now); }), "belong to the user"));
        std::filesystem::permissions(folder.folder.path(""), std::filesystem::perms{0500});
        CHECK(contains(error_of([&] { folder.storage.create(b, record_of("1"), test_now); }),
                       "belong to the user"));
        std::filesystem::permissions(folder.folder.path(""), std::filesystem::perms{0700});
        return;
    }
    std::filesystem::permissions(folder.folder.path(""), std::filesystem::perms{0755});
    CHECK(in_child([&] {
              demand(::setgid(65534) == 0 && ::setuid(65534) == 0, "cannot become another user");
              File storage{folder.folder.path("")};
              auto const read = error_of([&] { storage.load(a, test_now); });
              demand(contains(read, "Permission denied") && contains(read, "belong to the user"), read);
              for (auto const& [name, write] : all_writes(storage))
                  demand(contains(error_of(write), "Permission denied"), name);
              demand(!storage.load(b, test_now), "absent is absent");
          }) == 0);
    CHECK(folder.storage.load(a, test_now)->payload == "1");
}

TEST_CASE("Root works for the owner of the folder, who can lock after it")
{
    if (::geteuid() != 0) {
        WARN("only root can give a folder away");
        return;
    }
    Folder folder;
    REQUIRE(::chown(folder.folder.path("").c_str(), 65534, 65534) == 0);
    CHECK_FALSE(folder.storage.erase(a));
    CHECK(in_child([&] {
              demand(::setgid(65534) == 0 && ::setuid(65534) == 0, "cannot become another user");
              File storage{folder.folder.path("")};
              demand(storage.create(a, record_of("1"), test_now), "create");
              demand(storage.erase(a), "erase");
          }) == 0);
}

TEST_CASE("A File that syncs keeps the same answers")
{
    Folder folder{{.sync = true}};
    CHECK(folder.storage.create(a, record_of("1"), test_now));
    auto const seen = folder.storage.load(a, test_now);
    CHECK(folder.storage.touch(a, *seen, test_now + 3h, test_now) == WriteResult::committed);
    CHECK(folder.storage.commit(a, *seen, record_of("2"), test_now) == WriteResult::committed);
    CHECK(folder.storage.rotate(a, *folder.storage.load(a, test_now), b, record_of("3"), test_now) ==
          WriteResult::committed);
    CHECK(folder.storage.load(b, test_now)->payload == "3");
    CHECK(folder.storage.erase(b));
}

TEST_CASE("A File finds its folder after the program has changed into another")
{
    TemporaryFolder const folder;
    CHECK(in_child([&] {
              std::filesystem::current_path(folder.path(""));
              std::filesystem::create_directory("sessions");
              File storage{"sessions"};
              std::filesystem::current_path("/");
              demand(storage.create(a, record_of("1"), test_now), "create");
          }) == 0);
    CHECK(std::filesystem::exists(folder.path("sessions/sessionid" + std::string{a.reveal()})));
}
