// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_MESSAGES_HPP
#define CLOAKROOM_AUTH_MESSAGES_HPP

#include <cloakroom/auth/message.hpp>
#include <cloakroom/auth/message_cookie.hpp>
#include <cloakroom/auth/message_storage.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/wtf8.hpp>
#include <cloakroom/http/outcome.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::auth {

/// What a message may have besides level and text.
struct MessageOptions {
    std::string extra_tags = {};
    bool is_safe = false;
};

/// Django's flash messages: what one request has to say, and a later page shows once.
///
///     auth::MessageCookie const message_cookie{secret_key, backend.settings()}; // once, for all threads
///
///     // in each request, one of
///     auth::Messages messages{message_cookie.open(cookie_headers, session)};    // Django's default
///     auth::Messages messages{message_cookie.open(cookie_headers)};             // in the cookie alone
///     auth::Messages messages{auth::SessionMessages{session}};                  // in the session alone
///
///     messages.success("Your profile was saved.");
///     for (auto const& message : messages) // a page that shows them
///         page << "<li class=\"" << escaped(message.tags()) << "\">" << escaped(message.text);
///
///     for (auto const& header : messages.close()) // before the session is closed
///         response.add(header);
///
/// Nothing is loaded before somebody looks or close() has something to add. Used by one thread at a time.
template <MessageStorage Storage>
class Messages {
public:
    using const_iterator = std::vector<Message>::const_iterator;

    explicit Messages(Storage storage, MessageSettings settings = {})
        : storage_{std::move(storage)}, settings_{std::move(settings)}
    {
    }

    /// Keeps a message for the next page that shows them, unless its text is empty or its level below
    /// get_level(). Iterators are then invalid. TypeError for a text that is no WTF-8.
    void add_message(MessageLevel level, std::string text, MessageOptions options = {});

    void debug(std::string text, MessageOptions options = {})
    {
        add_message(MessageLevel::debug, std::move(text), std::move(options));
    }
    void info(std::string text, MessageOptions options = {})
    {
        add_message(MessageLevel::info, std::move(text), std::move(options));
    }
    void success(std::string text, MessageOptions options = {})
    {
        add_message(MessageLevel::success, std::move(text), std::move(options));
    }
    void warning(std::string text, MessageOptions options = {})
    {
        add_message(MessageLevel::warning, std::move(text), std::move(options));
    }
    void error(std::string text, MessageOptions options = {})
    {
        add_message(MessageLevel::error, std::move(text), std::move(options));
    }

    /// The level from which messages are kept in this request.
    MessageLevel get_level() const noexcept { return settings_.message_level; }
    void set_level(MessageLevel level) noexcept { settings_.message_level = level; }

    MessageSettings const& settings() const noexcept { return settings_; }

    /// All messages, those of this request last. Looking at them consumes them: they are not kept for another
    /// page.
    const_iterator begin()
    {
        load();
        is_used_ = true;
        shown_ = messages_.size();
        return messages_.begin();
    }
    const_iterator end()
    {
        load();
        return messages_.end();
    }

    /// How many begin() would show. Consumes none.
    std::size_t size()
    {
        load();
        return messages_.size();
    }
    bool contains(Message const& message)
    {
        load();
        return std::find(messages_.begin(), messages_.end(), message) != messages_.end();
    }

    /// Keeps what is to be kept, and says what to add to the response. A second call adds nothing.
    std::vector<http::Header> close();

    /// The number of messages that close() found no room for.
    std::size_t unstored() const noexcept { return unstored_; }

private:
    void load()
    {
        if (is_loaded_)
            return;
        auto loaded = storage_.load();
        is_loaded_ = true;
        loaded_ = loaded.size();
        is_used_ = is_used_ || storage_.is_unreadable();
        messages_.insert(messages_.begin(), loaded.begin(), loaded.end());
    }

    Storage storage_;
    MessageSettings settings_;
    std::vector<Message> messages_; // what was loaded, then what was added
    std::size_t loaded_ = 0;
    std::size_t shown_ = 0;
    std::size_t unstored_ = 0;
    bool is_loaded_ = false;
    bool is_used_ = false;
    bool is_closed_ = false;
};

template <MessageStorage Storage>
void Messages<Storage>::add_message(MessageLevel level, std::string text, MessageOptions options)
{
    if (text.empty() || level < settings_.message_level)
        return;
    if (!is_wtf8(text) || !is_wtf8(options.extra_tags))
        throw TypeError{"a message that is not UTF-8 cannot be kept"};
    messages_.push_back({level, std::move(text), std::move(options.extra_tags), options.is_safe});
}

template <MessageStorage Storage>
std::vector<http::Header> Messages<Storage>::close()
{
    std::vector<http::Header> headers;
    if (std::exchange(is_closed_, true))
        return headers;
    if (messages_.size() > loaded_)
        load(); // those that it adds to
    if (!is_used_ && messages_.size() == loaded_)
        return headers;
    std::span<Message const> const all{messages_};
    unstored_ = storage_.store({.loaded = all.first(loaded_),
                                .is_consumed = is_used_,
                                .added = all.subspan(std::max(loaded_, shown_))},
                               headers);
    return headers;
}

} // namespace cloakroom::inline v0::auth

#endif
