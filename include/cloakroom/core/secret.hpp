// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_SECRET_HPP
#define CLOAKROOM_CORE_SECRET_HPP

#include <cloakroom/core/base64url.hpp>
#include <cloakroom/core/descriptor.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/random.hpp>

#include <array>
#include <botan/secmem.h>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace cloakroom::inline v0 {

/// A key as the site's settings have it: text in UTF-8 or any bytes (S-422). It is wiped from memory when the
/// object goes, and cannot be printed. An empty one is refused with ImproperlyConfigured (S-423), also a null
/// pointer, which is what std::getenv gives for a variable that is not set.
class Secret {
public:
    Secret(std::string_view bytes) : bytes_(bytes.begin(), bytes.end()) { refuse_empty(); }
    Secret(char const* text) : Secret(text == nullptr ? std::string_view{} : std::string_view{text}) {}
    Secret(std::string const& text) : Secret(std::string_view{text}) {}

    /// The secret in the file, without the line end after it. A file that is missing is made first: 64 random
    /// characters, readable by this user alone. Processes that start at once get the same secret, and one
    /// that is killed leaves either no file or a whole one.
    ///
    /// Throws ImproperlyConfigured, which names the file and what to do, when the file cannot be read or
    /// made, is empty, is larger than 64 KiB or may be read by other users.
    static Secret load_or_create(std::string const& path);

    /// The bytes. Valid as long as this object is neither assigned to nor moved from.
    std::string_view reveal() const noexcept { return {bytes_.data(), bytes_.size()}; }

    /// The same; throws ImproperlyConfigured for a secret that was moved elsewhere.
    std::string_view reveal_present() const
    {
        if (bytes_.empty())
            throw ImproperlyConfigured{"secret_key: this key was moved elsewhere; copy it where two use it"};
        return reveal();
    }

    /// constant_time_equal(a.reveal(), b.reveal()) compares: how long `==` takes tells where a guess is
    /// wrong.
    friend bool operator==(Secret const& compare_with, Secret const& constant_time_equal) = delete;

private:
    using Bytes = Botan::secure_vector<char>;

    explicit Secret(Bytes bytes) : bytes_(std::move(bytes)) { refuse_empty(); }
    void refuse_empty() const
    {
        if (bytes_.empty())
            throw ImproperlyConfigured{"secret_key must not be empty"};
    }
    static std::optional<Secret> load(std::string const& path);
    static void create(std::string const& path);

    Bytes bytes_;
};

/// A secret is never printed.
template <class Char, class Traits>
std::basic_ostream<Char, Traits>& operator<<(std::basic_ostream<Char, Traits>&, Secret const&) = delete;

namespace secret_detail {

[[noreturn]] inline void refuse(std::string const& path, std::string const& why)
{
    throw ImproperlyConfigured{"secret_key: the file " + path + " " + why};
}

[[noreturn]] inline void refuse(std::string const& path, char const* what, int error)
{
    refuse(path, what + (": " + std::generic_category().message(error)));
}

} // namespace secret_detail

inline Secret Secret::load_or_create(std::string const& path)
{
    if (auto secret = load(path))
        return *std::move(secret);
    create(path);
    if (auto secret = load(path))
        return *std::move(secret);
    secret_detail::refuse(path, "was removed while it was made");
}

inline std::optional<Secret> Secret::load(std::string const& path)
{
    constexpr std::size_t max_size = std::size_t{64} << 10;
    Descriptor const file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (!file && errno == ENOENT)
        return std::nullopt;
    if (!file)
        secret_detail::refuse(path, "cannot be opened", errno);

    struct stat status{};
    if (::fstat(file.get(), &status) != 0)
        secret_detail::refuse(path, "cannot be examined", errno);
    if (!S_ISREG(status.st_mode))
        secret_detail::refuse(path, "is not a regular file");
    if (status.st_uid != ::geteuid() && status.st_uid != 0)
        secret_detail::refuse(path, "belongs to another user, who knows the key; own it or make a new one");
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        secret_detail::refuse(path, "may be used by other users; take their rights away: chmod 600");

    Bytes bytes(max_size + 1);
    std::size_t size = 0;
    while (size < bytes.size()) {
        auto const count = ::read(file.get(), bytes.data() + size, bytes.size() - size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            secret_detail::refuse(path, "cannot be read", errno);
        if (count == 0)
            break;
        size += static_cast<std::size_t>(count);
    }
    if (size > max_size)
        secret_detail::refuse(path, "is too large for a key");
    if (size > 0 && bytes[size - 1] == '\n')
        --size;
    if (size > 0 && bytes[size - 1] == '\r')
        --size;
    if (size == 0)
        secret_detail::refuse(path, "is empty; write the key into it, or remove it to get a new one");
    return Secret{Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size))};
}

inline void Secret::create(std::string const& path)
{
    Botan::secure_vector<std::uint8_t> random(48);
    random_bytes(random);
    Bytes text(base64url_size(random.size()) + 1, '\n');
    base64url_encode_to({reinterpret_cast<char const*>(random.data()), random.size()}, text.data());

    std::array<std::uint8_t, 9> suffix{};
    random_bytes(suffix);
    auto const temporary =
        path + "." + base64url_encode({reinterpret_cast<char const*>(suffix.data()), suffix.size()});

    {
        Descriptor const file{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                                     S_IRUSR | S_IWUSR)};
        if (!file)
            secret_detail::refuse(path, "cannot be made", errno);
        auto const count = ::write(file.get(), text.data(), text.size());
        auto error = count < 0 ? errno : 0;
        if (count >= 0 && static_cast<std::size_t>(count) < text.size())
            error = ENOSPC;
        if (error == 0 && ::fsync(file.get()) != 0)
            error = errno;
        if (error != 0) {
            ::unlink(temporary.c_str());
            secret_detail::refuse(path, "cannot be written", error);
        }
    }

    // A link never replaces: of several processes the first one's file stays, and the others read that.
    auto const error = ::link(temporary.c_str(), path.c_str()) == 0 ? 0 : errno;
    ::unlink(temporary.c_str());
    if (error != 0 && error != EEXIST)
        secret_detail::refuse(path, "cannot be put in its place", error);

    auto const slash = path.rfind('/');
    auto const folder = slash == std::string::npos ? std::string{"."} : path.substr(0, slash + 1);
    Descriptor const directory{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    // The name survives a power cut; where that is not possible, all else is done.
    if (directory)
        ::fsync(directory.get());
}

} // namespace cloakroom::inline v0

#endif
