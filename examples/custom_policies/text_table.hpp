// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_CUSTOM_POLICIES_TEXT_TABLE_HPP
#define EXAMPLES_CUSTOM_POLICIES_TEXT_TABLE_HPP

#include <cloakroom.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace custom_policies {

namespace cr = cloakroom;

/// A small table in a text file, a line `key<TAB>value` for each row, for the processes of one machine. Who
/// reads never waits, and sees all of a change or nothing of it; one at a time changes the table, under a
/// lock on the file `path.lock`. Each call reads the whole file, which is good for some hundred rows.
class TextTable {
public:
    using Rows = std::map<std::string, std::string, std::less<>>;

    explicit TextTable(std::string path) : path_{std::move(path)} {}

    /// No rows where there is no file yet. Throws StorageError as change() does.
    Rows read() const
    {
        File const file{path_, O_RDONLY};
        return file.is_missing() ? Rows{} : rows_of(file.text());
    }

    /// Keeps what `change` makes of the rows if it says true: what it said.
    bool change(std::function<bool(Rows&)> const& change) const
    {
        File const lock{path_ + ".lock", O_RDWR | O_CREAT};
        lock.wait_for_turn();
        auto rows = read();
        if (!change(rows))
            return false;
        std::string text;
        for (auto const& [key, value] : rows)
            text += checked(key, "\t\n") + '\t' + checked(value, "\n") + '\n';
        File{path_ + ".new", O_WRONLY | O_CREAT | O_TRUNC}.write(text);
        if (std::rename((path_ + ".new").c_str(), path_.c_str()) != 0)
            fail(path_);
        return true;
    }

private:
    [[noreturn]] static void fail(std::string const& path)
    {
        throw cr::StorageError{path + ": " + std::strerror(errno)};
    }

    /// Closed at its end, which also ends its lock.
    class File {
    public:
        File(std::string path, int flags)
            : path_{std::move(path)}, number_{open(path_.c_str(), flags | O_CLOEXEC, 0600)}
        {
            if (number_ < 0 && !(errno == ENOENT && flags == O_RDONLY))
                fail(path_);
        }
        File(File const&) = delete;
        ~File() { close(number_); }

        bool is_missing() const { return number_ < 0; }

        void wait_for_turn() const
        {
            while (flock(number_, LOCK_EX) != 0)
                if (errno != EINTR)
                    fail(path_);
        }

        std::string text() const
        {
            std::string all;
            char part[4096];
            for (ssize_t size = 0; (size = ::read(number_, part, sizeof part)) != 0;) {
                if (size > 0)
                    all.append(part, static_cast<std::size_t>(size));
                else if (errno != EINTR)
                    fail(path_);
            }
            return all;
        }

        /// Returns when the text is on the disk: a power failure leaves the table of before or this one.
        void write(std::string_view text) const
        {
            while (!text.empty()) {
                auto const size = ::write(number_, text.data(), text.size());
                if (size > 0)
                    text.remove_prefix(static_cast<std::size_t>(size));
                else if (errno != EINTR)
                    fail(path_);
            }
            if (fsync(number_) != 0)
                fail(path_);
        }

    private:
        std::string path_;
        int number_;
    };

    static std::string checked(std::string const& text, char const* forbidden)
    {
        if (text.empty() || text.find_first_of(forbidden) != std::string::npos)
            throw cr::ValueError{
                "a table of texts has no place for an empty text, a tab or the end of a line"};
        return text;
    }

    Rows rows_of(std::string_view text) const
    {
        Rows rows;
        while (!text.empty()) {
            auto const tab = text.find('\t');
            auto const end = text.find('\n');
            if (tab == 0 || end == text.npos || tab > end)
                throw cr::StorageError{path_ + ": a line is not a key, a tab and a value"};
            rows.emplace(text.substr(0, tab), text.substr(tab + 1, end - tab - 1));
            text.remove_prefix(end + 1);
        }
        return rows;
    }

    std::string path_;
};

} // namespace custom_policies

#endif
