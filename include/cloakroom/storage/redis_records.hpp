// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_REDIS_RECORDS_HPP
#define CLOAKROOM_STORAGE_REDIS_RECORDS_HPP

#include <cloakroom/adapters/hiredis.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/storage/redis_client.hpp>
#include <cloakroom/storage/redis_commands.hpp>
#include <cloakroom/storage/redis_moment.hpp>
#include <cloakroom/storage/redis_options.hpp>
#include <cloakroom/storage/redis_redirection.hpp>
#include <cloakroom/storage/redis_scripts.hpp>
#include <cloakroom/storage/redis_slot.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::storage::detail {

/// How records stand under the keys of a server: one part of one command, and what its answer means.
class RedisRecords {
public:
    using Reply = adapters::hiredis::Reply;

    /// The records under some keys that a SCAN found, those that another server has to be asked for, and
    /// where the SCAN goes on.
    struct Page {
        std::vector<std::pair<SessionKey, Stored>> live;
        std::vector<SessionKey> elsewhere;
        std::string cursor = "0";
    };

    RedisRecords(std::string key_prefix, RedisFormat format)
        : key_prefix_(std::move(key_prefix)),
          prefix_crc_(redis_crc(key_prefix_)),
          format_(format),
          scripts_(is_bare() ? &redis_scripts<redis_read_bare> : &redis_scripts<redis_read_record>)
    {
    }

    bool is_bare() const noexcept { return format_ == RedisFormat::bare; }
    RedisScripts const& scripts() const noexcept { return *scripts_; }

    /// The slot of a key in a cluster.
    std::size_t slot_of(SessionKey const& key) const
    {
        auto const text = key.reveal();
        if (key_prefix_.find('{') == std::string::npos && text.find('{') == std::string_view::npos)
            return redis_crc(text, prefix_crc_) % redis_slots;
        return redis_slot(key_prefix_ + std::string{text});
    }

    /// One word each.
    void add_key(RedisCommands& words, SessionKey const& key) const { words.add(key_prefix_, key.reveal()); }
    void add_value(RedisCommands& words, Record const& record) const
    {
        if (is_bare())
            words.add(record.payload);
        else
            words.add(RedisMoment{record.expires}.header(), record.payload);
    }
    /// The server's own deadline, in milliseconds.
    void add_deadline(RedisCommands& words, TimePoint expires) const
    {
        words.add(is_bare() ? RedisMoment{expires}.milliseconds()
                            : RedisMoment::after(expires).milliseconds());
    }
    /// Two words.
    void add_record(RedisCommands& words, Record const& record) const
    {
        add_value(words, record);
        add_deadline(words, record.expires);
    }

    /// The live record under a key.
    std::optional<Stored> load(RedisClient& client, SessionKey const& key, TimePoint now) const
    {
        return live_record(client, ask(client, key), now);
    }
    static WriteResult write_result(RedisClient& client, Reply answer);
    Page read_page(RedisClient& client, std::string_view cursor, TimePoint now) const;

private:
    void add_load(RedisCommands& words, SessionKey const& key) const;
    RedisClient::Answer ask(RedisClient& client, SessionKey const& key) const;
    std::optional<Stored> live_record(RedisClient& client, Reply answer, TimePoint now) const;

    std::string key_prefix_;
    std::uint32_t prefix_crc_;
    RedisFormat format_;
    RedisScripts const* scripts_;
};

inline RedisClient::Answer RedisRecords::ask(RedisClient& client, SessionKey const& key) const
{
    if (is_bare())
        return client.run(scripts_->load, 1, 1, [&](RedisCommands& words) { add_key(words, key); });
    add_load(client.begin(), key);
    client.send();
    return client.receive();
}

inline void RedisRecords::add_load(RedisCommands& words, SessionKey const& key) const
{
    if (is_bare()) {
        words.begin_script("EVALSHA", scripts_->load.name.text(), 1, 1);
    } else {
        words.begin(2);
        words.add("GET");
    }
    add_key(words, key);
}

inline std::optional<Stored> RedisRecords::live_record(RedisClient& client, Reply answer, TimePoint now) const
{
    if (answer.is_nil())
        return std::nullopt;
    auto const value = is_bare() && answer.size() == 2 ? answer[0].text() : answer.text();
    auto const deadline = is_bare() && answer.size() == 2 ? answer[1].text() : value;
    if (!value || !deadline)
        fail_redis_protocol(client.connection().name());
    auto const expires = is_bare() ? RedisMoment::parse(*deadline) : RedisMoment::parse_header(*deadline);
    if (!expires)
        fail_redis(client.connection().name(), redis_foreign_value);
    if (*expires <= now)
        return std::nullopt;
    return std::optional<Stored>{
        {std::string{is_bare() ? *value : value->substr(RedisMoment::header_size)}, *expires, 0}};
}

inline WriteResult RedisRecords::write_result(RedisClient& client, Reply answer)
{
    auto const number = client.number(answer);
    if (number < 0 || number > static_cast<std::int64_t>(WriteResult::taken))
        fail_redis_protocol(client.connection().name());
    return static_cast<WriteResult>(number);
}

inline RedisRecords::Page RedisRecords::read_page(RedisClient& client, std::string_view cursor,
                                                  TimePoint now) const
{
    auto& commands = client.begin();
    commands.begin(6);
    commands.add("SCAN");
    commands.add(cursor);
    commands.add("MATCH");
    commands.add(redis_pattern(key_prefix_), "*");
    commands.add("COUNT");
    commands.add("500");
    client.send();
    auto const found = client.receive();
    if (found.size() != 2 || !found[0].text() || !found[1].is_array())
        fail_redis_protocol(client.connection().name());
    Page page{{}, {}, std::string{*found[0].text()}};

    // Keys too short for a cookie, or that no session has (S-003), are somebody else's.
    std::vector<SessionKey> keys;
    for (std::size_t i = 0; i < found[1].size(); ++i) {
        auto const name = found[1][i].text();
        if (!name || !name->starts_with(key_prefix_))
            fail_redis_protocol(client.connection().name());
        if (auto key = SessionKey::parse(name->substr(key_prefix_.size())); key && key->is_storable())
            keys.push_back(std::move(*key));
    }
    auto const keep = [&](SessionKey const& key, auto receive) {
        try {
            if (auto record = live_record(client, receive(), now))
                page.live.emplace_back(key, std::move(*record));
        } catch (RedisRedirected const&) {
            page.elsewhere.push_back(key);
        }
    };
    if (keys.empty())
        return page;
    // The first key alone, for a server that does not know the script yet.
    keep(keys.front(), [&] { return ask(client, keys.front()); });
    for (std::size_t i = 1; i < keys.size(); ++i)
        add_load(commands, keys[i]);
    client.send();
    for (std::size_t i = 1; i < keys.size(); ++i)
        keep(keys[i], [&] { return client.receive(); });
    return page;
}

} // namespace cloakroom::inline v0::storage::detail

#endif
