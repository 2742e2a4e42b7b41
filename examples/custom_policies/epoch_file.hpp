// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_CUSTOM_POLICIES_EPOCH_FILE_HPP
#define EXAMPLES_CUSTOM_POLICIES_EPOCH_FILE_HPP

#include "text_table.hpp"

#include <cloakroom.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace custom_policies {

namespace cr = cloakroom;

/// The epochs of a small site in a text file, a line `=user<TAB>epoch` for each user whose sessions were ever
/// ended, and one for "*", all users. With sessions in browsers nothing else is kept on the server, and still
/// everybody can be logged out.
class EpochFile {
public:
    explicit EpochFile(std::string path) : table_{std::move(path)} {}

    std::int64_t epoch(std::string_view user) { return epoch_in(table_.read(), user); }

    std::int64_t bump(std::string_view user, cr::TimePoint now)
    {
        std::int64_t fresh = 0;
        table_.change([&](TextTable::Rows& rows) {
            fresh = set(rows, key_of(user), cr::auth::next_epoch(epoch_in(rows, user), now));
            return true;
        });
        return fresh;
    }

    std::optional<std::int64_t> bump_if(std::string_view user, std::int64_t epoch, cr::TimePoint now)
    {
        std::int64_t fresh = 0;
        auto const is_done = table_.change([&](TextTable::Rows& rows) {
            if (epoch_in(rows, user) != epoch)
                return false;
            fresh = set(rows, key_of(user), cr::auth::next_epoch(epoch, now));
            return true;
        });
        return is_done ? std::optional{fresh} : std::nullopt;
    }

    /// From then on nobody needs a line of their own.
    void bump_all(cr::TimePoint now)
    {
        table_.change([&](TextTable::Rows& rows) {
            std::int64_t latest = 0;
            for (auto const& [key, value] : rows)
                latest = std::max(latest, number_of(value));
            rows.clear();
            set(rows, everybody, cr::auth::next_epoch(latest, now));
            return true;
        });
    }

private:
    static constexpr auto everybody = "*";

    /// A user may be called "*", too.
    static std::string key_of(std::string_view user) { return "=" + std::string{user}; }

    static std::int64_t set(TextTable::Rows& rows, std::string const& key, std::int64_t epoch)
    {
        rows[key] = std::to_string(epoch);
        return epoch;
    }
    /// A line of a user is always later than that of all users.
    static std::int64_t epoch_in(TextTable::Rows const& rows, std::string_view user)
    {
        auto row = rows.find(key_of(user));
        if (row == rows.end())
            row = rows.find(everybody);
        return row == rows.end() ? 0 : number_of(row->second);
    }
    static std::int64_t number_of(std::string_view text)
    {
        std::int64_t number = 0;
        auto const end = text.data() + text.size();
        auto const [rest, error] = std::from_chars(text.data(), end, number);
        if (error != std::errc{} || rest != end)
            throw cr::StorageError{"a file of epochs has a line whose epoch is no number"};
        return number;
    }

    TextTable table_;
};

static_assert(cr::auth::RevocationPolicy<EpochFile>);

} // namespace custom_policies

#endif
