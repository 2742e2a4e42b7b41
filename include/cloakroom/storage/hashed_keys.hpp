// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_HASHED_KEYS_HPP
#define CLOAKROOM_STORAGE_HASHED_KEYS_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/core/sha256.hpp>
#include <cloakroom/storage/concept.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cloakroom::inline v0::storage {

/// What HashedKeys stores a session under: 40 characters of [a-z0-9], which name the session and do not open
/// it. May be shown and logged.
class HashedKey {
public:
    static HashedKey of(SessionKey const& key);

    /// What a store holds where the key would be; nothing if that is no hashed key by its form.
    static std::optional<HashedKey> parse(std::string_view text)
    {
        auto key = SessionKey::parse(text);
        if (text.size() != SessionKey::max_storable_length || !key->is_storable())
            return std::nullopt;
        return HashedKey{std::move(*key)};
    }

    /// Valid as long as this object.
    std::string_view text() const noexcept { return stored_.reveal(); }
    /// What the storage inside takes for the key.
    SessionKey const& stored() const noexcept { return stored_; }

    friend bool operator==(HashedKey const&, HashedKey const&) = default;

private:
    explicit HashedKey(SessionKey stored) : stored_(std::move(stored)) {}

    SessionKey stored_;
};

/// Any storage, which then sees no session key but a hash of each (HashedKey): who steals the table, or reads
/// it in a backup, has no cookie that opens a session, and no comparison within the store tells how much of a
/// guessed key was right. Django does not find these sessions, nor do these find Django's.
///
/// The hash is 206 bits of a SHA-256, without a secret: keys are random and need none. What the records hold
/// is not hidden.
///
/// The same answers and errors as the storage inside, and as thread-safe and movable.
template <KeptByServer Storage>
class HashedKeys {
public:
    static constexpr auto purpose = Storage::purpose;
    static constexpr auto accepts = Storage::accepts;
    static constexpr auto expiry_in_data = storage::expiry_in_data<Storage>;
    /// For describe(): who has the store has no key.
    static constexpr bool hashes_keys = true;

    explicit HashedKeys(Storage inner) : inner_(std::move(inner)) {}

    std::optional<Stored> load(SessionKey const& key, TimePoint now)
    {
        return inner_.load(HashedKey::of(key).stored(), now);
    }
    bool create(SessionKey const& key, Record const& record, TimePoint now)
    {
        return inner_.create(HashedKey::of(key).stored(), record, now);
    }
    WriteResult commit(SessionKey const& key, Stored const& seen, Record const& record, TimePoint now)
    {
        return inner_.commit(HashedKey::of(key).stored(), seen, record, now);
    }
    WriteResult touch(SessionKey const& key, Stored const& seen, TimePoint expires, TimePoint now)
    {
        return inner_.touch(HashedKey::of(key).stored(), seen, expires, now);
    }
    WriteResult rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh,
                       Record const& record, TimePoint now)
    {
        return inner_.rotate(HashedKey::of(key).stored(), seen, HashedKey::of(fresh).stored(), record, now);
    }
    bool erase(SessionKey const& key) { return inner_.erase(HashedKey::of(key).stored()); }
    std::size_t clear_expired(TimePoint now, std::size_t budget) { return inner_.clear_expired(now, budget); }

    /// Ends a session of which only the hashed key is known.
    bool erase(HashedKey const& key) { return inner_.erase(key.stored()); }

    /// Calls visit(hashed_key, stored) for every live record. No key can be told, so this storage is no
    /// EnumerablePolicy. Records that were stored under a plain key of another length are left out.
    template <class Visit>
    requires EnumerablePolicy<Storage> && std::is_invocable_v<Visit&, HashedKey const&, Stored const&>
    void for_each(TimePoint now, Visit&& visit)
    {
        inner_.for_each(now, [&](SessionKey const& stored_key, Stored const& stored) {
            if (auto const key = HashedKey::parse(stored_key.reveal()))
                visit(*key, stored);
        });
    }

    /// Where the records are, for people.
    decltype(auto) where() const
    requires requires(Storage const& inner) { inner.where(); }
    {
        return inner_.where();
    }

    /// The storage inside, for what only it has, such as migrate().
    Storage& inner() noexcept { return inner_; }

private:
    Storage inner_;
};

inline HashedKey HashedKey::of(SessionKey const& key)
{
    auto const digest = sha256({"cloakroom.storage.hashed_keys:", key.reveal()});
    std::array<std::uint32_t, 8> number{};
    for (std::size_t i = 0; i < digest.size(); ++i)
        number[i / 4] = number[i / 4] << 8 | digest[i];
    // 40 digits to the base 36, the lowest first, six at a time: 36^6 fits 32 bits. What is left of the 256
    // bits is dropped.
    constexpr std::uint32_t base = SessionKey::alphabet.size();
    constexpr std::uint32_t six_digits = base * base * base * base * base * base;
    std::array<char, SessionKey::max_storable_length> text;
    std::uint32_t digits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i % 6 == 0) {
            std::uint64_t rest = 0;
            for (auto& part : number) {
                rest = rest << 32 | part;
                part = static_cast<std::uint32_t>(rest / six_digits);
                rest %= six_digits;
            }
            digits = static_cast<std::uint32_t>(rest);
        }
        text[i] = SessionKey::alphabet[digits % base];
        digits /= base;
    }
    return HashedKey{*SessionKey::parse({text.data(), text.size()})};
}

} // namespace cloakroom::inline v0::storage

#endif
