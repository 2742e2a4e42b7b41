// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_MESSAGE_STORAGE_HPP
#define CLOAKROOM_AUTH_MESSAGE_STORAGE_HPP

#include <cloakroom/auth/message.hpp>
#include <cloakroom/auth/message_text.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/http/outcome.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::auth {

/// What a request did with the messages.
struct MessageChange {
    std::span<Message const> loaded; ///< what load() gave
    bool is_consumed;                ///< those were shown and go
    std::span<Message const> added;  ///< new ones that were not shown yet

    /// What remains for the next page.
    std::vector<Message> kept() const
    {
        std::vector<Message> messages;
        if (!is_consumed)
            messages.assign(loaded.begin(), loaded.end());
        messages.insert(messages.end(), added.begin(), added.end());
        return messages;
    }
};

/// Where the messages of one visitor are between two requests, within one request.
template <class S>
concept MessageStorage =
    requires(S& storage, MessageChange const& change, std::vector<http::Header>& headers) {
        // The messages, oldest first. Called once at most.
        { storage.load() } -> std::same_as<std::vector<Message>>;

        // Whether load() met something that must be removed although nobody saw a message.
        { storage.is_unreadable() } -> std::same_as<bool>;

        // Keeps what remains, and adds to the response's headers. The number of messages that found no room.
        { storage.store(change, headers) } -> std::same_as<std::size_t>;
    };

/// Messages in the session's item `_messages`, as JSON text whatever the session's serializer (S-751). Two
/// requests that add messages at once lose none. Where a page shows the last ones the item is removed, and
/// with it what another request adds at the same time and saves first.
template <class Session>
class SessionMessages {
public:
    static constexpr std::string_view item_name = "_messages";

    /// The session outlives this.
    explicit SessionMessages(Session& session) : session_{&session} {}

    std::vector<Message> load()
    {
        std::optional<Value> const stored = session_->get(item_name);
        return stored ? messages_in(*stored) : std::vector<Message>{};
    }

    static bool is_unreadable() noexcept { return false; }

    std::size_t store(MessageChange const& change, std::vector<http::Header>&)
    {
        if (change.added.empty()) {
            if (change.is_consumed)
                session_->erase(item_name);
            return 0;
        }
        // On the newest data: another request may have added or shown some meanwhile.
        std::vector<Message> const shown(change.loaded.begin(),
                                         change.is_consumed ? change.loaded.end() : change.loaded.begin());
        std::vector<Message> const added(change.added.begin(), change.added.end());
        session_->update(item_name, [shown, added](Value const& newest) {
            auto messages = messages_in(newest);
            if (messages.size() >= shown.size() && std::equal(shown.begin(), shown.end(), messages.begin()))
                messages.erase(messages.begin(),
                               messages.begin() + static_cast<std::ptrdiff_t>(shown.size()));
            messages.insert(messages.end(), added.begin(), added.end());
            return text_of(messages);
        });
        return 0;
    }

    /// Puts exactly these there; removes the item when there are none.
    void replace(std::span<Message const> messages)
    {
        if (messages.empty())
            session_->erase(item_name);
        else
            (*session_)[item_name] = text_of(messages);
    }

private:
    /// An item that cannot be read has none.
    static std::vector<Message> messages_in(Value const& item)
    {
        auto const* const text = item.get_if<std::string>();
        auto found = text != nullptr ? message_text::read(*text) : std::nullopt;
        return found ? std::move(found->messages) : std::vector<Message>{};
    }
    static Value text_of(std::span<Message const> messages)
    {
        return message_text::write(messages, message_text::session_separator);
    }

    Session* session_;
};

} // namespace cloakroom::inline v0::auth

#endif
