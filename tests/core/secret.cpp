// SPDX-License-Identifier: MIT
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/secret.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <thread>
#include <vector>

namespace {

namespace cr = cloakroom;
namespace fs = std::filesystem;

template <class T>
concept Printable = requires(std::ostream& stream, T const& object) { stream << object; };
static_assert(!Printable<cr::Secret>);
static_assert(Printable<std::string>);
static_assert(std::convertible_to<std::string_view, cr::Secret>);
static_assert(std::convertible_to<std::string, cr::Secret>);
static_assert(std::convertible_to<char const*, cr::Secret>);
static_assert(!std::is_default_constructible_v<cr::Secret>);

/// A fresh folder, removed with its files.
class Folder {
public:
    Folder()
    {
        std::string name = (fs::temp_directory_path() / "cloakroom-secret-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;
    ~Folder() { fs::remove_all(path_); }

    std::string file(std::string_view name) const { return (path_ / name).string(); }
    std::size_t file_count() const
    {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator{path_}, fs::directory_iterator{}));
    }

private:
    fs::path path_;
};

void write(std::string const& path, std::string_view text, ::mode_t mode)
{
    std::ofstream{path} << text;
    ::chmod(path.c_str(), mode);
}

std::string refusal(std::string const& path)
{
    try {
        (void)cr::Secret::load_or_create(path);
    } catch (cr::ImproperlyConfigured const& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("a secret is the bytes that it was made from")
{
    CHECK(cr::Secret{"text"}.reveal() == "text");
    CHECK(cr::Secret{std::string{"a\0b\xff", 4}}.reveal() == std::string_view{"a\0b\xff", 4});
    cr::Secret const original{std::string{"copied"}};
    auto const copy = original;
    CHECK(copy.reveal() == "copied");
    CHECK(original.reveal() == "copied");
}

TEST_CASE("an empty secret is refused with the setting's name (S-423)")
{
    CHECK_THROWS_AS(cr::Secret{""}, cr::ImproperlyConfigured);
    CHECK_THROWS_AS(cr::Secret{std::string{}}, cr::ImproperlyConfigured);
    CHECK_THROWS_AS(cr::Secret{static_cast<char const*>(nullptr)}, cr::ImproperlyConfigured);
    CHECK_THROWS_WITH(cr::Secret{""}, catch_::ContainsSubstring("secret_key"));
}

TEST_CASE("a missing secret file is made: long, random, for its owner only, and nothing else is left behind")
{
    Folder const folder;
    auto const path = folder.file("secret_key");
    auto const secret = cr::Secret::load_or_create(path);
    CHECK(secret.reveal().size() >= 50);
    CHECK(std::all_of(secret.reveal().begin(), secret.reveal().end(),
                      [](char c) { return c > 0x20 && c < 0x7f; }));
    struct stat status{};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK(folder.file_count() == 1);

    CHECK(cr::Secret::load_or_create(path).reveal() == secret.reveal());
    CHECK(cr::Secret::load_or_create(folder.file("other")).reveal() != secret.reveal());
}

TEST_CASE("all who start at once get the same secret")
{
    Folder const folder;
    auto const path = folder.file("secret_key");
    // The crypto library's memory is set up here: the thread sanitizer does not see how it guards that.
    cr::Secret::load_or_create(folder.file("first"));
    std::vector<std::string> secrets(8);
    std::vector<std::thread> threads;
    for (auto& secret : secrets)
        threads.emplace_back([&] { secret = cr::Secret::load_or_create(path).reveal(); });
    for (auto& thread : threads)
        thread.join();
    CHECK(std::set<std::string>(secrets.begin(), secrets.end()).size() == 1);
    CHECK(folder.file_count() == 2);
}

TEST_CASE("a secret file is read without the line end after it")
{
    Folder const folder;
    write(folder.file("unix"), "my secret key\n", 0600);
    write(folder.file("windows"), "my secret key\r\n", 0400);
    write(folder.file("bare"), "my secret key", 0600);
    for (auto const* name : {"unix", "windows", "bare"})
        CHECK(cr::Secret::load_or_create(folder.file(name)).reveal() == "my secret key");
}

TEST_CASE("a secret file that is no secret is refused with what to do, and left alone")
{
    Folder const folder;
    write(folder.file("empty"), "", 0600);
    write(folder.file("line"), "\n", 0600);
    write(folder.file("group"), "my secret key", 0640);
    write(folder.file("world"), "my secret key", 0604);
    write(folder.file("large"), std::string(100'000, 'x'), 0600);

    CHECK_THAT(refusal(folder.file("empty")), catch_::ContainsSubstring("is empty"));
    CHECK_THAT(refusal(folder.file("line")), catch_::ContainsSubstring("is empty"));
    CHECK_THAT(refusal(folder.file("group")), catch_::ContainsSubstring("chmod 600"));
    CHECK_THAT(refusal(folder.file("world")), catch_::ContainsSubstring("chmod 600"));
    CHECK_THAT(refusal(folder.file("large")), catch_::ContainsSubstring("too large"));
    CHECK_THAT(refusal(folder.file("")), catch_::ContainsSubstring("not a regular file"));
    CHECK_THAT(refusal(folder.file("missing/secret_key")), catch_::ContainsSubstring("missing/secret_key"));
    for (auto const* name : {"empty", "group", "large", "missing/secret_key"}) {
        CHECK_THAT(refusal(folder.file(name)), catch_::ContainsSubstring("secret_key"));
        CHECK_THAT(refusal(folder.file(name)), !catch_::ContainsSubstring("my secret key"));
    }
    CHECK(fs::file_size(folder.file("empty")) == 0);
}

TEST_CASE("a secret file of another user is refused: that user knows the key")
{
    if (::geteuid() != 0) {
        WARN("only root can give a file away");
        return;
    }
    Folder const folder;
    auto const file = folder.file("key");
    CHECK_NOTHROW(cr::Secret::load_or_create(file));
    REQUIRE(::chown(file.c_str(), 12345, 12345) == 0);
    CHECK_THAT(refusal(file), catch_::ContainsSubstring("belongs to another user"));
}
