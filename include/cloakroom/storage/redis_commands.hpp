// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_REDIS_COMMANDS_HPP
#define CLOAKROOM_STORAGE_REDIS_COMMANDS_HPP

#include <array>
#include <botan/mem_ops.h>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::storage::detail {

/// Commands in the server's protocol, one after the other.
class RedisCommands {
public:
    void clear() noexcept
    {
        text_.clear();
        count_ = 0;
    }
    /// The same, and nothing of the text stays in memory if it was added within what reserve() made room for.
    void wipe() noexcept
    {
        Botan::secure_scrub_memory(text_.data(), text_.size());
        clear();
    }
    void reserve(std::size_t size) { text_.reserve(size); }

    /// Begins a command of that many words, its name included.
    void begin(std::size_t words)
    {
        number('*', words);
        ++count_;
    }
    /// Adds a word, which is `first` and `second` without anything between.
    void add(std::string_view first, std::string_view second = {})
    {
        number('$', first.size() + second.size());
        text_.append(first).append(second).append("\r\n");
    }

    /// Begins a command that runs a script on `keys` keys, with that many words of its own, keys included.
    void begin_script(std::string_view command, std::string_view script, std::size_t keys, std::size_t words)
    {
        begin(3 + words);
        add(command);
        add(script);
        add(keys == 1 ? "1" : "2");
    }

    std::string_view text() const noexcept { return text_; }
    std::size_t count() const noexcept { return count_; }

private:
    void number(char kind, std::size_t value)
    {
        std::array<char, 24> digits;
        auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
        text_ += kind;
        text_.append(digits.data(), end).append("\r\n");
    }

    std::string text_;
    std::size_t count_ = 0;
};

/// A pattern of SCAN that stands for the text itself.
inline std::string redis_pattern(std::string_view text)
{
    std::string pattern;
    for (auto const c : text) {
        if (c == '*' || c == '?' || c == '[' || c == ']' || c == '\\')
            pattern += '\\';
        pattern += c;
    }
    return pattern;
}

} // namespace cloakroom::inline v0::storage::detail

#endif
