// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_MESSAGE_COOKIE_HPP
#define CLOAKROOM_AUTH_MESSAGE_COOKIE_HPP

#include <cloakroom/auth/message.hpp>
#include <cloakroom/auth/message_storage.hpp>
#include <cloakroom/auth/message_text.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/secret.hpp>
#include <cloakroom/http/cookie_parser.hpp>
#include <cloakroom/http/outcome.hpp>
#include <cloakroom/http/same_site.hpp>
#include <cloakroom/http/set_cookie.hpp>
#include <cloakroom/session/settings.hpp>
#include <cloakroom/signer/cookie_key.hpp>
#include <cloakroom/signer/hmac.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::auth {

class CookieMessages;
template <class Session>
class FallbackMessages;

/// What MessageCookie takes besides its key.
struct MessageCookieOptions {
    std::string name = "messages";
    /// The longest value in bytes. Messages that find no room are left out, or go into the session (S-753).
    std::size_t max_size = 2048;
    /// Secret keys that the site used before (SECRET_KEY_FALLBACKS).
    std::vector<Secret> fallback_keys = {};
};

/// The signed cookie in which Django keeps messages (S-752), as the processes of a site share it. The visitor
/// can read it, keep it and send it again. Thread-safe; made once.
class MessageCookie {
public:
    /// With the secret key of the Django beside it, if there is one. Domain, Secure, HttpOnly,
    /// SameSite and no_store are those of the session cookie, the path is "/". Throws ImproperlyConfigured
    /// for a name that is none, that a browser would refuse with these attributes, or that is the session
    /// cookie's.
    MessageCookie(Secret const& secret_key, Settings const& session_settings,
                  MessageCookieOptions options = {});

    /// Sets where the time comes from. Before this is shared.
    void clock(Clock clock) { clock_ = std::move(clock); }

    /// A request's messages, for Messages: in the cookie alone. `cookies`: the Cookie headers, any range of
    /// texts, or one. One of several with a prefixed name, such as `__Host-messages`, is none: somebody else
    /// has planted it. This object outlives the result.
    template <class Cookies>
    CookieMessages open(Cookies&& cookies) const;

    /// The same, with room in the session for those that the cookie has none for: Django's default. The
    /// session is not touched before that.
    template <class Cookies, class Session>
    FallbackMessages<Session> open(Cookies&& cookies, Session& session) const;

private:
    friend CookieMessages;

    static std::vector<Secret> cookie_keys(std::span<Secret const> secret_keys)
    {
        std::vector<Secret> keys;
        for (auto const& key : secret_keys)
            keys.push_back(signing::cookie_key(key));
        return keys;
    }
    static void check_name(std::string_view name, Settings settings);
    TimePoint now() const { return clock_ ? clock_() : system_now(); }
    std::optional<std::string> unsign(std::string_view text) const;
    std::string sign(std::span<std::string const> elements) const;
    std::string header_value(std::string_view value) const;

    std::string name_;
    std::size_t max_size_;
    Settings settings_;
    signer::Hmac::Bound signer_;
    Clock clock_;
};

/// Messages in the cookie alone; the oldest go when there is no room.
class CookieMessages {
public:
    CookieMessages(MessageCookie const& cookie, std::optional<std::string> received)
        : cookie_{&cookie}, received_{std::move(received)}
    {
    }

    std::vector<Message> load() { return std::move(load_found().messages); }

    /// Whether there was a cookie that we did not sign, or nobody can read (S-754).
    bool is_unreadable() const noexcept { return is_unreadable_; }

    std::size_t store(MessageChange const& change, std::vector<http::Header>& headers)
    {
        auto const kept = change.kept();
        return kept.size() - put(kept, true, headers);
    }

    /// load(), and whether the cookie said that there are more elsewhere.
    message_text::Found load_found();

    /// Sends these, without the oldest or the newest for which there is no room; removes the cookie when
    /// there are none. The number that is in the cookie.
    std::size_t put(std::span<Message const> messages, bool drop_oldest, std::vector<http::Header>& headers);

private:
    MessageCookie const* cookie_;
    std::optional<std::string> received_;
    bool is_unreadable_ = false;
};

/// Messages in the cookie, and the newest in the session when the cookie is full.
template <class Session>
class FallbackMessages {
public:
    FallbackMessages(CookieMessages cookie, Session& session) : cookie_{std::move(cookie)}, session_{session}
    {
    }

    std::vector<Message> load()
    {
        auto found = cookie_.load_found();
        auto messages = std::move(found.messages);
        in_cookie_ = !messages.empty();
        if (!found.is_complete) {
            auto const more = session_.load();
            in_session_ = !more.empty();
            messages.insert(messages.end(), more.begin(), more.end());
        }
        return messages;
    }

    bool is_unreadable() const noexcept { return cookie_.is_unreadable(); }

    std::size_t store(MessageChange const& change, std::vector<http::Header>& headers)
    {
        auto const kept = change.kept();
        std::span<Message const> rest{kept};
        if (!kept.empty() || in_cookie_ || is_unreadable())
            rest = rest.subspan(cookie_.put(kept, false, headers));
        if (!rest.empty() || in_session_)
            session_.replace(rest);
        return 0;
    }

private:
    CookieMessages cookie_;
    SessionMessages<Session> session_;
    bool in_cookie_ = false; // as loaded
    bool in_session_ = false;
};

inline MessageCookie::MessageCookie(Secret const& secret_key, Settings const& session_settings,
                                    MessageCookieOptions options)
    : name_{std::move(options.name)},
      max_size_{options.max_size},
      settings_{session_settings},
      signer_{signer::Hmac{signing::cookie_key(secret_key),
                           {.fallback_keys = cookie_keys(options.fallback_keys),
                            .compress_from = signer::compress_like_django}}
                  .bind("django.contrib.messages")}
{
    check_settings(settings_);
    check_name(name_, settings_);
}

/// For settings that are right.
inline void MessageCookie::check_name(std::string_view name, Settings settings)
{
    std::string const option = "cloakroom::auth::MessageCookieOptions::";
    if (settings.cookie_name == name)
        throw ImproperlyConfigured{option + "name: the session cookie has it"};
    settings.cookie_name = name;
    settings.cookie_path = "/";
    constexpr std::string_view own_prefix = "cookie_"; // it is called cookie_name there
    if (auto const problem = settings_problem(settings); !problem.empty())
        throw ImproperlyConfigured{option + std::string{problem.substr(own_prefix.size())}};
}

template <class Cookies>
CookieMessages MessageCookie::open(Cookies&& cookies) const
{
    return {*this, http::cookie_value(cookies, name_)};
}

template <class Cookies, class Session>
FallbackMessages<Session> MessageCookie::open(Cookies&& cookies, Session& session) const
{
    return {open(cookies), session};
}

inline std::optional<std::string> MessageCookie::unsign(std::string_view text) const
{
    auto payload = signer_.unsign(text, now(), std::nullopt);
    return payload ? std::optional{*std::move(payload)} : std::nullopt;
}

inline std::string MessageCookie::sign(std::span<std::string const> elements) const
{
    return signer_.sign(message_text::join(elements, message_text::cookie_separator), now());
}

inline std::string MessageCookie::header_value(std::string_view value) const
{
    auto const same_site = http::same_site_text(settings_.cookie_samesite);
    if (value.empty())
        return http::deletion(name_, "/", settings_.cookie_domain, same_site, settings_.cookie_partitioned)
            .header_value(now());
    return http::SetCookie{.name = name_,
                           .value = value,
                           .domain = settings_.cookie_domain,
                           .http_only = settings_.cookie_httponly,
                           .secure = settings_.cookie_secure,
                           .same_site = same_site,
                           .partitioned = settings_.cookie_partitioned}
        .header_value(now());
}

inline message_text::Found CookieMessages::load_found()
{
    if (!received_ || received_->empty())
        return {};
    auto const text = cookie_->unsign(*received_);
    auto found = text ? message_text::read(*text) : std::nullopt;
    is_unreadable_ = !found;
    return found ? *std::move(found) : message_text::Found{};
}

inline std::size_t CookieMessages::put(std::span<Message const> messages, bool drop_oldest,
                                       std::vector<http::Header>& headers)
{
    std::vector<std::string> elements;
    elements.reserve(messages.size() + 1);
    for (auto const& message : messages)
        elements.push_back(message_text::write(message, message_text::cookie_separator));
    auto value = elements.empty() ? std::string{} : cookie_->sign(elements);
    auto count = elements.size();
    if (value.size() > cookie_->max_size_) {
        // Django's binary search, so that the same messages stay: how much fits is not quite monotonous, as
        // it depends on what compresses well together.
        auto const signed_part = [&](std::size_t size) {
            auto const start =
                drop_oldest ? elements.end() - static_cast<std::ptrdiff_t>(size) : elements.begin();
            std::vector<std::string> part(start, start + static_cast<std::ptrdiff_t>(size));
            part.push_back('"' + std::string{message_text::not_finished} + '"');
            return cookie_->sign(part);
        };
        std::size_t low = 0;
        auto high = elements.size();
        while (low < high) {
            auto const middle = (low + high) / 2;
            auto const size = drop_oldest ? elements.size() - middle : middle + 1;
            if ((signed_part(size).size() > cookie_->max_size_) == drop_oldest)
                low = middle + 1;
            else
                high = middle;
        }
        count = drop_oldest ? elements.size() - low : low;
        value = signed_part(count);
    }
    headers.push_back({"Set-Cookie", cookie_->header_value(value)});
    headers.push_back({"Vary", "Cookie"});
    if (cookie_->settings_.no_store)
        headers.push_back({"Cache-Control", "no-store"});
    return count;
}

} // namespace cloakroom::inline v0::auth

#endif
