// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_SESSION_KEY_HPP
#define CLOAKROOM_CORE_SESSION_KEY_HPP

#include <cloakroom/core/hex.hpp>
#include <cloakroom/core/random.hpp>
#include <cloakroom/core/sha256.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0 {

/// The text in the session cookie. Whoever holds it is taken for the visitor, so it is a secret. It cannot be
/// printed; reveal() is for the cookie and for storages, handle() for people and logs.
class SessionKey {
public:
    /// Characters that a generated key is made of (S-100).
    static constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
    static constexpr std::size_t generated_length = 32;
    /// 32 characters of 36 kinds: log2(36) * 32.
    static constexpr int entropy_bits = 165;
    /// A received text shorter than this is no key (S-003).
    static constexpr std::size_t min_length = 8;
    /// The width of Django's column; a longer key is in no storage (S-132).
    static constexpr std::size_t max_storable_length = 40;

    /// A new key from the system's generator, every character equally likely.
    static SessionKey generate();

    /// The key that a request carried: any text of 8 or more characters (S-003), else nothing.
    static std::optional<SessionKey> parse(std::string_view text);

    /// The key that is the session itself, as a cookie carries it (S-240).
    static SessionKey of_ticket(std::string ticket);

    /// Whether a storage may see this key: [a-z0-9]{8,40}. Any other key counts as absent without asking one.
    bool is_storable() const noexcept { return storable_; }

    /// The key itself. Valid as long as this object is neither changed nor moved from.
    std::string_view reveal() const noexcept
    {
        return long_text_ == nullptr ? std::string_view{short_text_.data(), short_size_}
                                     : std::string_view{*long_text_};
    }

    /// 16 hexadecimal digits that name the session but cannot open it: the start of a salted SHA-256.
    std::string handle() const;

    friend bool operator==(SessionKey const& a, SessionKey const& b) noexcept
    {
        return a.reveal() == b.reveal();
    }

private:
    SessionKey() = default; // to be filled
    explicit SessionKey(std::string_view text);

    std::array<char, max_storable_length> short_text_{};
    std::uint8_t short_size_ = 0;
    bool storable_ = false;
    std::shared_ptr<std::string const> long_text_; // only for what no storage takes, such as a signed cookie
};

/// A session key is never printed: use handle().
template <class Char, class Traits>
std::basic_ostream<Char, Traits>& operator<<(std::basic_ostream<Char, Traits>&, SessionKey const&) = delete;

inline SessionKey::SessionKey(std::string_view text)
{
    if (text.size() > max_storable_length) {
        long_text_ = std::make_shared<std::string const>(text);
        return;
    }
    std::memcpy(short_text_.data(), text.data(), text.size());
    short_size_ = static_cast<std::uint8_t>(text.size());
    storable_ = std::all_of(text.begin(), text.end(),
                            [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

inline SessionKey SessionKey::generate()
{
    std::array<char, generated_length> text;
    fill_with_random<alphabet.size()>(text, [](std::size_t i) { return alphabet[i]; });
    return SessionKey{std::string_view{text.data(), text.size()}};
}

inline std::optional<SessionKey> SessionKey::parse(std::string_view text)
{
    if (text.size() < min_length)
        return std::nullopt;
    return SessionKey{text};
}

inline SessionKey SessionKey::of_ticket(std::string ticket)
{
    SessionKey key;
    key.long_text_ = std::make_shared<std::string const>(std::move(ticket));
    return key;
}

inline std::string SessionKey::handle() const
{
    auto const digest = sha256({"cloakroom.session.handle:", reveal()});
    std::string text;
    append_hex(text, std::span{digest}.first(8));
    return text;
}

} // namespace cloakroom::inline v0

#endif
