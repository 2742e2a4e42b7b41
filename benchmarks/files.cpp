// SPDX-License-Identifier: MIT
//
// A File's load and commit beside the bare system calls, on the same kind of files in two folders in memory
// (/dev/shm) or, where there is none, the folder for temporary files. Both halves take turns in one loop.
// `ratio` is ours to the calls that the contract needs: lock, read and compare, write with the deadline,
// exchange, look at what came out. `ratio_unsafe` is ours to what Django calls: read, write and rename, and
// the last save wins.

#include <cloakroom/storage/file.hpp>

#include "payloads.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

namespace cr = cloakroom;
using namespace std::chrono_literals;

namespace {

constexpr cr::TimePoint now{cr::Duration{1'780'000'000'123'456}};
constexpr std::size_t sessions = 1'000;

struct TwoFolders {
    TwoFolders()
    {
        std::filesystem::create_directories(ours());
        std::filesystem::create_directories(raw());
    }
    TwoFolders(TwoFolders const&) = delete;
    TwoFolders& operator=(TwoFolders const&) = delete;
    ~TwoFolders() { std::filesystem::remove_all(folder); }

    std::string ours() const { return (folder / "ours").string(); }
    std::string raw() const { return (folder / "raw").string(); }

    std::filesystem::path folder =
        (std::filesystem::exists("/dev/shm") ? std::filesystem::path{"/dev/shm"}
                                             : std::filesystem::temp_directory_path()) /
        ("cloakroom-benchmark-" + std::to_string(getpid()));
};

void check(bool done)
{
    if (!done)
        throw std::runtime_error{"a system call failed"};
}

/// The bare calls.
class RawFiles {
public:
    explicit RawFiles(std::string const& folder)
        : folder_(open(folder.c_str(), O_RDONLY | O_DIRECTORY)),
          lock_(openat(folder_, "lock", O_RDWR | O_CREAT, 0600))
    {
    }
    RawFiles(RawFiles const&) = delete;
    RawFiles& operator=(RawFiles const&) = delete;
    ~RawFiles()
    {
        close(lock_);
        close(folder_);
    }

    void load(std::string const& name, std::string& text)
    {
        auto const file = openat(folder_, name.c_str(), O_RDONLY | O_NOFOLLOW);
        read_all(file, text);
        close(file);
    }

    void save(std::string const& name, std::string const& text)
    {
        close(write_new(text, nullptr));
        check(renameat(folder_, "new", folder_, name.c_str()) == 0);
    }

    void commit(std::string const& name, std::string const& seen, std::string const& text, timespec time)
    {
        struct flock range = {};
        range.l_type = F_WRLCK;
        range.l_start = static_cast<off_t>(std::hash<std::string>{}(name) >> 2);
        range.l_len = 1;
        check(fcntl(lock_, F_OFD_SETLK, &range) == 0);
        auto const old = openat(folder_, name.c_str(), O_RDONLY | O_NOFOLLOW);
        read_all(old, found_);
        check(found_ == seen);
        auto const file = write_new(text, &time);
        check(renameat2(folder_, "new", folder_, name.c_str(), RENAME_EXCHANGE) == 0);
        struct stat out = {};
        check(fstatat(folder_, "new", &out, AT_SYMLINK_NOFOLLOW) == 0 && out.st_ino == status_.st_ino);
        check(unlinkat(folder_, "new", 0) == 0);
        close(file);
        close(old);
        range.l_type = F_UNLCK;
        check(fcntl(lock_, F_OFD_SETLK, &range) == 0);
    }

private:
    void read_all(int file, std::string& text)
    {
        check(file >= 0 && fstat(file, &status_) == 0);
        text.resize(static_cast<std::size_t>(status_.st_size));
        check(read(file, text.data(), text.size()) == status_.st_size);
    }
    int write_new(std::string const& text, timespec const* time)
    {
        auto const file = openat(folder_, "new", O_WRONLY | O_CREAT | O_EXCL, 0600);
        check(file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
        if (time != nullptr) {
            timespec const times[2] = {{0, UTIME_OMIT}, *time};
            check(futimens(file, times) == 0);
        }
        return file;
    }

    int folder_;
    int lock_;
    struct stat status_ = {};
    std::string found_;
};

std::chrono::nanoseconds thread_time()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

enum class Work { load, load_and_commit };

template <Work work>
void file(benchmark::State& state)
{
    constexpr std::size_t turn = 50;
    TwoFolders const folders;
    cr::storage::File ours{folders.ours()};
    RawFiles raw{folders.raw()};
    std::vector<std::pair<cr::SessionKey, std::string>> keys;
    for (std::size_t i = 0; i < sessions; ++i) {
        auto key = cr::SessionKey::generate();
        auto name = "sessionid" + std::string{key.reveal()};
        ours.create(key, {payload_b(), now + 336h}, now);
        raw.save(name, std::string{payload_b()});
        keys.emplace_back(std::move(key), std::move(name));
    }
    std::size_t at = 0;
    std::uint64_t serial = 0;
    auto const next = [&]() -> auto& { return keys[at = (at + 389) % sessions]; };
    auto const change = [&](std::string& text) {
        ++serial;
        for (std::size_t i = 0; i < 8; ++i)
            text[text.size() - 10 - i] = static_cast<char>('a' + (serial >> (4 * i)) % 16);
    };
    std::string seen;
    std::string text;
    std::chrono::nanoseconds our_time{0};
    std::chrono::nanoseconds raw_time{0};
    std::chrono::nanoseconds unsafe_time{0};

    auto const our_turn = [&] {
        for (std::size_t i = 0; i < turn; ++i) {
            auto const& key = next().first;
            auto const stored = ours.load(key, now);
            check(stored.has_value());
            if constexpr (work == Work::load_and_commit) {
                cr::Record record{stored->payload, now + 336h};
                change(record.payload);
                check(ours.commit(key, *stored, record, now) == cr::WriteResult::committed);
            }
        }
    };
    auto const raw_turn = [&](bool safe) {
        for (std::size_t i = 0; i < turn; ++i) {
            auto const& name = next().second;
            raw.load(name, seen);
            if constexpr (work == Work::load_and_commit) {
                text = seen;
                change(text);
                if (safe)
                    raw.commit(name, seen, text, {1'780'000'000, 123'456'000});
                else
                    raw.save(name, text);
            }
        }
    };
    auto const timed = [](std::chrono::nanoseconds& sum, auto const& work_of_turn) {
        auto const start = thread_time();
        work_of_turn();
        sum += thread_time() - start;
    };
    for (auto _ : state) {
        timed(our_time, our_turn);
        timed(raw_time, [&] { raw_turn(true); });
        timed(unsafe_time, [&] { raw_turn(false); });
    }
    auto const calls = static_cast<double>(state.iterations() * static_cast<std::int64_t>(turn));
    auto const microseconds = [&](auto time) { return static_cast<double>(time.count()) / calls / 1'000; };
    state.counters["ours_us"] = microseconds(our_time);
    state.counters["raw_us"] = microseconds(raw_time);
    state.counters["ratio"] = microseconds(our_time) / microseconds(raw_time);
    state.counters["ratio_unsafe"] = microseconds(our_time) / microseconds(unsafe_time);
}

BENCHMARK(file<Work::load>)->MinTime(1);
BENCHMARK(file<Work::load_and_commit>)->MinTime(1);

} // namespace
