// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_MESSAGE_HPP
#define CLOAKROOM_AUTH_MESSAGE_HPP

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0::auth {

/// How urgent a message is (S-750). A level of one's own is MessageLevel{50}.
enum class MessageLevel : int { debug = 10, info = 20, success = 25, warning = 30, error = 40 };

/// Django's MESSAGE_* settings.
struct MessageSettings {
    /// Messages below this level are not kept (MESSAGE_LEVEL).
    MessageLevel message_level = MessageLevel::info;
    /// Names of levels in tags that differ from debug, info, success, warning, error (MESSAGE_TAGS).
    std::map<MessageLevel, std::string> message_tags = {};
};

/// A notice that the next page shows once.
struct Message {
    MessageLevel level = MessageLevel::info;
    std::string text{};                      ///< WTF-8, to be escaped unless is_safe
    std::optional<std::string> extra_tags{}; ///< Django keeps none and the empty text apart
    bool is_safe = false;                    ///< the text is HTML

    /// The level's name; empty for a level without one.
    std::string level_tag(MessageSettings const& settings = {}) const;

    /// For the class attribute: the extra tags and the level's name.
    std::string tags(MessageSettings const& settings = {}) const;

    friend bool operator==(Message const&, Message const&) = default;
};

inline std::string Message::level_tag(MessageSettings const& settings) const
{
    constexpr std::array<std::pair<MessageLevel, std::string_view>, 5> names{
        {{MessageLevel::debug, "debug"},
         {MessageLevel::info, "info"},
         {MessageLevel::success, "success"},
         {MessageLevel::warning, "warning"},
         {MessageLevel::error, "error"}}};
    if (auto const own = settings.message_tags.find(level); own != settings.message_tags.end())
        return own->second;
    for (auto const& [known, name] : names)
        if (known == level)
            return std::string{name};
    return {};
}

inline std::string Message::tags(MessageSettings const& settings) const
{
    auto const name = level_tag(settings);
    auto const extra = extra_tags.value_or("");
    return extra + (extra.empty() || name.empty() ? "" : " ") + name;
}

} // namespace cloakroom::inline v0::auth

#endif
