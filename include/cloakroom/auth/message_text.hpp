// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_MESSAGE_TEXT_HPP
#define CLOAKROOM_AUTH_MESSAGE_TEXT_HPP

#include <cloakroom/auth/message.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/json.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Messages as Django writes them: a JSON array of `["__json_message", safe, level, text]`, with the extra
/// tags behind the text when there are any (S-750).
namespace cloakroom::inline v0::auth::message_text {

/// What Django's two ways to write it put between elements: the session's has the blank (S-751).
inline constexpr std::string_view session_separator = ", ";
inline constexpr std::string_view cookie_separator = ",";

/// The last element of a cookie that had no room for all (S-753).
inline constexpr std::string_view not_finished = "__messagesnotfinished__";

/// One message.
inline std::string write(Message const& message, std::string_view separator)
{
    auto text = "[\"__json_message\"" + std::string{separator} + (message.is_safe ? "1" : "0");
    text.append(separator) += std::to_string(static_cast<int>(message.level));
    text.append(separator) += serializer::Json::dump_value(Value{message.text});
    if (message.extra_tags)
        text.append(separator) += serializer::Json::dump_value(Value{*message.extra_tags});
    return text += ']';
}

/// An array of what write() gave.
inline std::string join(std::span<std::string const> elements, std::string_view separator)
{
    std::string text{'['};
    for (std::size_t i = 0; i < elements.size(); ++i) {
        if (i != 0)
            text += separator;
        text += elements[i];
    }
    return text += ']';
}

inline std::string write(std::span<Message const> messages, std::string_view separator)
{
    std::vector<std::string> elements;
    elements.reserve(messages.size());
    for (auto const& message : messages)
        elements.push_back(write(message, separator));
    return join(elements, separator);
}

/// The message that an element is; nothing when it is something else.
inline std::optional<Message> read_element(Value const& element)
{
    auto const* const parts = element.get_if<Value::Array>();
    if (parts == nullptr || parts->size() < 4 || parts->size() > 5 || (*parts)[0] != Value{"__json_message"})
        return std::nullopt;
    auto const* const level = (*parts)[2].get_if<std::int64_t>();
    auto const* const text = (*parts)[3].get_if<std::string>();
    if (level == nullptr || *level < std::numeric_limits<int>::min() ||
        *level > std::numeric_limits<int>::max() || text == nullptr)
        return std::nullopt;
    Message message{.level = static_cast<MessageLevel>(*level), .text = *text};
    message.is_safe = (*parts)[1] != Value{0} && (*parts)[1] != Value{false} && !(*parts)[1].is_null();
    if (parts->size() == 5 && !(*parts)[4].is_null()) {
        auto const* const tags = (*parts)[4].get_if<std::string>();
        if (tags == nullptr)
            return std::nullopt;
        message.extra_tags = *tags;
    }
    return message;
}

struct Found {
    std::vector<Message> messages;
    bool is_complete = true; ///< not so when not_finished stood at the end
};

/// The messages of a text; elements that are none are left out. Nothing when the text is no JSON array.
inline std::optional<Found> read(std::string_view text)
{
    auto const value = serializer::Json::load_value(text);
    auto const* const elements = value ? value->get_if<Value::Array>() : nullptr;
    if (elements == nullptr)
        return std::nullopt;
    Found found;
    for (auto const& element : *elements)
        if (auto message = read_element(element))
            found.messages.push_back(*std::move(message));
    found.is_complete = elements->empty() || elements->back() != Value{not_finished};
    return found;
}

} // namespace cloakroom::inline v0::auth::message_text

#endif
