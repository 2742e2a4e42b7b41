// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_REDIS_SCRIPTS_HPP
#define CLOAKROOM_STORAGE_REDIS_SCRIPTS_HPP

#include <cloakroom/storage/redis_script.hpp>

#include <string_view>

namespace cloakroom::inline v0::storage::detail {

/// What a script says of a value that is not as we write it.
inline constexpr std::string_view redis_foreign_value = "CLOAKROOM_FOREIGN_VALUE";

// Each script begins with `read(key)` of its format: payload and deadline, or false. Deadlines are 18 digits
// of microseconds since 1970, which compare as texts: Lua's numbers do not hold them exactly. A script that
// answers a WriteResult answers its number.

inline constexpr std::string_view redis_read_record = R"(
local slack = -1
local function read(key)
  local value = redis.call('GET', key)
  if not value then return false end
  local expires = string.match(value, '^cr1:(%d+):')
  if not expires or #expires ~= 18 then error('CLOAKROOM_FOREIGN_VALUE') end
  return string.sub(value, 24), expires
end
)";

// PEXPIRETIME came with Redis 7. Without it the clock is read, and two readings differ by a millisecond.
inline constexpr std::string_view redis_read_bare = R"(
local slack = -1
local function read(key)
  local value = redis.call('GET', key)
  if not value then return false end
  local expires = redis.pcall('PEXPIRETIME', key)
  if type(expires) == 'table' then
    slack = 1
    expires = redis.call('PTTL', key)
    if expires >= 0 then
      local now = redis.call('TIME')
      expires = expires + now[1] * 1000 + math.floor(now[2] / 1000)
    end
  end
  if expires < 0 then return value, '253402300799999999' end
  return value, string.format('%015.0f000', expires)
end
)";

// KEYS: the key
inline constexpr std::string_view redis_load = R"(
local payload, expires = read(KEYS[1])
return payload and {payload, expires}
)";

// KEYS: the key. ARGV: value, deadline in milliseconds
inline constexpr std::string_view redis_create = R"(
if not redis.call('SET', KEYS[1], ARGV[1], 'NX') then return 0 end
redis.call('PEXPIREAT', KEYS[1], ARGV[2])
return 1
)";

// KEYS: the key. ARGV: now, payload seen, value, deadline in milliseconds
inline constexpr std::string_view redis_commit = R"(
local payload, expires = read(KEYS[1])
if not payload or expires <= ARGV[1] then return 2 end
if payload ~= ARGV[2] then return 1 end
redis.call('SET', KEYS[1], ARGV[3])
redis.call('PEXPIREAT', KEYS[1], ARGV[4])
return 0
)";

// KEYS: the key. ARGV: now, payload seen, deadline seen, deadline, deadline in milliseconds, whether the
// value holds the deadline
inline constexpr std::string_view redis_touch = R"(
local payload, expires = read(KEYS[1])
if not payload or expires <= ARGV[1] then return 2 end
if payload ~= ARGV[2] then return 1 end
if expires ~= ARGV[3]
    and math.abs(string.sub(expires, 1, 15) - string.sub(ARGV[3], 1, 15)) > slack then return 1 end
if ARGV[6] == '1' then redis.call('SETRANGE', KEYS[1], 4, ARGV[4]) end
redis.call('PEXPIREAT', KEYS[1], ARGV[5])
return 0
)";

// KEYS: the key, the fresh one. ARGV: now, payload seen, value, deadline in milliseconds
inline constexpr std::string_view redis_rotate = R"(
local payload, expires = read(KEYS[1])
if not payload or expires <= ARGV[1] then return 2 end
if payload ~= ARGV[2] then return 1 end
if not redis.call('SET', KEYS[2], ARGV[3], 'NX') then return 3 end
redis.call('PEXPIREAT', KEYS[2], ARGV[4])
redis.call('DEL', KEYS[1])
return 0
)";

// KEYS: the key. ARGV: now, payload seen
inline constexpr std::string_view redis_remove = R"(
local payload, expires = read(KEYS[1])
if not payload or expires <= ARGV[1] then return 2 end
if payload ~= ARGV[2] then return 1 end
redis.call('DEL', KEYS[1])
return 0
)";

// KEYS: the key
inline constexpr std::string_view redis_erase = R"(
if not read(KEYS[1]) then return 0 end
return redis.call('DEL', KEYS[1])
)";

/// The scripts for one format.
struct RedisScripts {
    RedisScript load;
    RedisScript create;
    RedisScript commit;
    RedisScript touch;
    RedisScript rotate;
    RedisScript remove;
    RedisScript erase;
};

template <std::string_view const& read>
inline constexpr RedisScripts redis_scripts{
    .load = RedisScript{JoinedText<read, redis_load>::value},
    .create = RedisScript{redis_create},
    .commit = RedisScript{JoinedText<read, redis_commit>::value},
    .touch = RedisScript{JoinedText<read, redis_touch>::value},
    .rotate = RedisScript{JoinedText<read, redis_rotate>::value},
    .remove = RedisScript{JoinedText<read, redis_remove>::value},
    .erase = RedisScript{JoinedText<read, redis_erase>::value},
};

} // namespace cloakroom::inline v0::storage::detail

#endif
