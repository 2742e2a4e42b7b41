// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_CACHED_ENTRY_HPP
#define CLOAKROOM_STORAGE_CACHED_ENTRY_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/hex.hpp>
#include <cloakroom/core/inline_text.hpp>
#include <cloakroom/core/random.hpp>
#include <cloakroom/core/record.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace cloakroom::inline v0::storage::detail {

/// 128 random bits in hexadecimal digits: a name that nobody else gives.
using CachedName = InlineText<32>;

/// Somebody who is about to write to the store, and until when the others wait for him.
struct CachedWriter {
    CachedName name;
    TimePoint until;
};

/// What the cache of a Cached holds under a key, as the payload of a record. Numbers are 16 hexadecimal
/// digits; all before the store's payload is ASCII, so that a cache of texts can hold it.
///
///     c1v expires until version payload    the store's record: may answer until that moment
///     c1r name until                       a reader's lease: somebody reads the store to put it here
///     c1w name (name until)*               writers' lease: each of them is about to change the store
///
/// The first name of a lease is a new one whenever the lease is written, so no two leases are equal. A
/// writers' lease that nobody holds stands for nothing at all.
struct CachedEntry {
    enum class Kind { value, reading, writing };

    Kind kind{};
    TimePoint until{};   // of a value or a reader's lease
    TimePoint expires{}; // of a value, as the next two
    std::uint64_t version{};
    std::string_view payload{}; // within the text that was parsed
    std::vector<CachedWriter> writers{};

    /// Throws StorageError for a text that none of the functions below made.
    static CachedEntry parse(std::string_view text);

    static std::string value(Stored const& stored, TimePoint until);
    static std::string reading(TimePoint until);
    static std::string writing(std::vector<CachedWriter> const& writers);

    static CachedName new_name();
};

/// Reads the fields of an entry one after the other.
class CachedFields {
public:
    explicit CachedFields(std::string_view text) : rest_(text) {}

    bool is_whole() const { return is_good_ && rest_.empty(); }
    bool has_more() const { return is_good_ && !rest_.empty(); }

    std::string_view text(std::size_t size)
    {
        is_good_ = is_good_ && size <= rest_.size();
        auto const found = is_good_ ? rest_.substr(0, size) : std::string_view{};
        rest_.remove_prefix(found.size());
        return found;
    }
    std::string_view rest() { return text(rest_.size()); }
    CachedName name() { return CachedName{text(32)}; }
    std::uint64_t number()
    {
        auto const digits = text(16);
        std::uint64_t value = 0;
        auto const end = digits.data() + digits.size();
        auto const [stop, error] = std::from_chars(digits.data(), end, value, 16);
        is_good_ = is_good_ && error == std::errc{} && stop == end;
        return value;
    }
    TimePoint time() { return TimePoint{Duration{static_cast<std::int64_t>(number())}}; }

private:
    std::string_view rest_;
    bool is_good_ = true;
};

inline void append_cached_number(std::string& text, std::uint64_t number)
{
    for (int shift = 60; shift >= 0; shift -= 4)
        text += hex_digits[number >> shift & 15];
}

inline void append_cached_time(std::string& text, TimePoint time)
{
    append_cached_number(text, static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

inline CachedName CachedEntry::new_name()
{
    std::string text;
    for (auto const number : random_numbers<2>())
        append_cached_number(text, number);
    return CachedName{text};
}

inline std::string CachedEntry::value(Stored const& stored, TimePoint until)
{
    std::string text;
    text.reserve(51 + stored.payload.size());
    text += "c1v";
    append_cached_time(text, stored.expires);
    append_cached_time(text, until);
    append_cached_number(text, stored.version);
    text += stored.payload;
    return text;
}

inline std::string CachedEntry::reading(TimePoint until)
{
    std::string text{"c1r"};
    text += new_name().view();
    append_cached_time(text, until);
    return text;
}

inline std::string CachedEntry::writing(std::vector<CachedWriter> const& writers)
{
    std::string text{"c1w"};
    text += new_name().view();
    for (auto const& writer : writers) {
        text += writer.name.view();
        append_cached_time(text, writer.until);
    }
    return text;
}

inline CachedEntry CachedEntry::parse(std::string_view text)
{
    CachedFields fields{text};
    auto const mark = fields.text(3);
    auto is_known = true;
    CachedEntry entry;
    if (mark == "c1v") {
        entry.kind = Kind::value;
        entry.expires = fields.time();
        entry.until = fields.time();
        entry.version = fields.number();
        entry.payload = fields.rest();
    } else if (mark == "c1r") {
        entry.kind = Kind::reading;
        fields.name();
        entry.until = fields.time();
    } else if (mark == "c1w") {
        entry.kind = Kind::writing;
        fields.name();
        while (fields.has_more()) {
            auto const name = fields.name();
            entry.writers.push_back({name, fields.time()});
        }
    } else {
        is_known = false;
    }
    if (!is_known || !fields.is_whole())
        throw StorageError{
            "The cache holds under a session's key what storage::Cached has not put there. Give "
            "it a prefix of keys, or a place, of its own."};
    return entry;
}

} // namespace cloakroom::inline v0::storage::detail

#endif
