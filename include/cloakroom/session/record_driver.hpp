// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_RECORD_DRIVER_HPP
#define CLOAKROOM_SESSION_RECORD_DRIVER_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/session/backend.hpp>
#include <cloakroom/session/backoff.hpp>
#include <cloakroom/session/document.hpp>
#include <cloakroom/session/expiry.hpp>
#include <cloakroom/session/field.hpp>
#include <cloakroom/session/session_state.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0 {

/// The key and the record of a session: loads a Document from a storage and saves it there, waiting for the
/// storage meanwhile. The base of Session, which adds the interface of a dictionary.
///
/// Everything here throws StorageError when the store is broken. The session then still has all its changes,
/// on top of what it has loaded; whether a write whose answer was lost took effect only the store knows.
template <StoragePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
class RecordDriver : public SessionState<Storage, Serializer, Signer> {
    using State = SessionState<Storage, Serializer, Signer>;

public:
    using State::State;

    /// Loads the data unless they are loaded. A key without a live record is dropped (S-113).
    void ensure_loaded() { document(); }

    /// What is stored now; the data of this object stay as they are. A key without a live record is dropped;
    /// data that were loaded from that record are then not saved under another one (SessionInterrupted).
    Dict load();

    /// Writes the changes to the record, or makes one under a new key if there is none (S-103). If another
    /// request changed the record meanwhile, the changes are done again on the newest data: ChangeLog::replay
    /// says what becomes of each. Without changes only the expiry moves. Throws, with nothing written,
    /// SessionInterrupted when the record is gone (S-105), ConflictError when others kept changing it until
    /// Settings::commit_deadline ran out, TypeError for data that the serializer refuses, what a rule throws.
    void save();
    /// Inserts the record; CreateError when there is one under this key (S-104). Loads nothing.
    void save(MustCreate);
    /// Makes a record under a new key, with the data as far as they are loaded (S-102).
    void create();

    /// Whether a record is stored under the key, live or expired (S-114, S-123).
    bool exists(std::string_view key);
    /// Removes this session's record or that of `key`; a missing one is fine (S-109). Data and key stay.
    void delete_record()
    {
        is_written_ = false;
        if (key_)
            delete_record(key_->reveal());
    }
    void delete_record(std::string_view key);

    /// Ends the session: removes its record, empties it, drops its key (S-110).
    void flush();
    /// Moves the session to a new key with its data (S-111); the old key is dead from then on. Throws as
    /// save().
    void cycle_key();

    /// Renews a loaded session that is as it was: moves its expiry on, if Settings::renewal_threshold says
    /// so. Whether the browser's cookie has to be renewed, too. Where another request has changed, moved or
    /// ended the session meanwhile, that stands, and nothing is done.
    bool renew();

    /// Whether the record has a key that the browser does not know yet: one that create(), a save() without
    /// a key or cycle_key() made.
    bool has_new_key() const noexcept { return has_new_key_; }

    /// How long the cookie should live: nothing for as long as the browser. Loads. A stored expiry that
    /// cannot be read counts as none.
    std::optional<Duration> cookie_lifetime()
    {
        document();
        return this->lifetime();
    }

protected:
    ~RecordDriver() = default;
    RecordDriver(RecordDriver&&) noexcept = default;
    RecordDriver& operator=(RecordDriver&&) noexcept = default;

    template <class>
    friend class Item;
    template <class, AnyField>
    friend class FieldItem;

    /// The data, loaded.
    Document<Serializer>& document();

private:
    using State::backend_;
    using State::began_;
    using State::document_;
    using State::is_written_;
    using State::key_;

    Reason read_record(TimePoint now);
    /// Why a payload that was unsigned to `text` counts as empty (S-052 to S-055).
    static Reason reason(Result<std::string, Rejection> const& text)
    {
        return !text && text.reason() == Rejection::bad_signature ? Reason::bad_signature
                                                                  : Reason::undecodable;
    }
    Record record(std::string&& text, TimePoint now) const
    {
        return {backend_->signer().sign(std::move(text), now), this->deadline(now)};
    }
    std::string dump() const { return document_.data().dump(backend_->serializer()); }
    /// Whether the data say themselves that they have expired, and the storage need not know (S-209).
    template <class Data>
    static bool is_over(Data const& data, TimePoint now)
    {
        return storage::expiry_in_data<Storage> &&
               Expiry::from_stored(data.find(Expiry::item_name)).is_over(now);
    }
    template <class Attempt>
    void until_committed(Attempt attempt);
    /// Of the version seen. Whatever is written is signed anew with the current key, as in Django, so that a
    /// session outlives the older one.
    bool is_signed_with_current_key() const
    {
        if constexpr (RotatingSigner<typename State::Backend::BoundSigner>)
            return backend_->signer().is_current(seen_->payload);
        else
            return true;
    }
    Record next_record(TimePoint now)
    {
        this->note_beginning(now);
        return record(dump(), now);
    }
    void written(EventKind kind);

    std::optional<Stored> seen_; // the version that the document has loaded; none when not known any more
    bool has_new_key_ = false;
    bool is_ended_ = false; // load() found the record of these data gone
};

template <StoragePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
Document<Serializer>& RecordDriver<Storage, Serializer, Signer>::document()
{
    if (!document_.is_loaded()) {
        if (auto const why_not = key_ ? read_record(backend_->now()) : Reason::none;
            why_not != Reason::none) {
            backend_->tell(EventKind::rejected, &*key_, why_not);
            key_.reset();
        }
        if (!document_.is_loaded())
            document_.load_nothing();
    }
    return document_;
}

/// Loads the live record into the document, under the changes made so far; otherwise says why there is none.
/// Precondition: key_.
template <StoragePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
Reason RecordDriver<Storage, Serializer, Signer>::read_record(TimePoint now)
{
    if (!key_->is_storable())
        return Reason::unusable_key;
    auto stored = backend_->storage().load(*key_, now);
    if (!stored)
        return Reason::unknown_key;
    // Of any age (S-051), unless there is a limit.
    auto text = backend_->signer().unsign(stored->payload, now, this->longest_age());
    if (!text && text.reason() == Rejection::expired)
        return Reason::expired;
    std::optional<TimePoint> began;
    if (storage::expiry_in_data<Storage> || this->is_limited()) {
        LazyDict<Serializer> data;
        if (text && data.load(backend_->serializer(), std::string{*text})) {
            if (is_over(data, now))
                return Reason::unknown_key;
            if (this->is_limited())
                began = this->beginning(data, stored->payload, now);
            if (this->is_too_old(began, now))
                return Reason::expired;
        }
    }
    auto const is_trusted = text.has_value();
    auto const why_not = reason(text);
    auto const is_readable = is_trusted && document_.load(backend_->serializer(), *std::move(text));
    if (!is_trusted)
        document_.load_nothing();
    seen_ = std::move(stored);
    began_ = began;
    if (is_readable)
        backend_->tell(EventKind::loaded, &*key_);
    else
        backend_->tell(EventKind::rejected, &*key_, why_not);
    return Reason::none;
}

template <StoragePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
Dict RecordDriver<Storage, Serializer, Signer>::load()
{
    if (!key_)
        return {};
    auto const now = backend_->now();
    auto const stored = key_->is_storable() ? backend_->storage().load(*key_, now) : std::nullopt;
    std::optional<Dict> data;
    auto why_dead = Reason::none;
    if (!stored) {
        why_dead = key_->is_storable() ? Reason::unknown_key : Reason::unusable_key;
    } else {
        auto const text = backend_->signer().unsign(stored->payload, now, this->longest_age());
        if (text)
            if (auto decoded = backend_->serializer().load(*text))
                data = *std::move(decoded);
        auto const too_old = (!text && text.reason() == Rejection::expired) ||
                             (data && this->is_limited() &&
                              this->is_too_old(this->beginning(*data, stored->payload, now), now));
        if (too_old)
            why_dead = Reason::expired;
        else if (!data)
            backend_->tell(EventKind::rejected, &*key_, reason(text));
        else if (is_over(*data, now))
            why_dead = Reason::unknown_key;
    }
    if (why_dead != Reason::none) {
        backend_->tell(EventKind::rejected, &*key_, why_dead);
        is_ended_ = document_.is_loaded();
        is_written_ = false;
        key_.reset();
        seen_.reset();
        data.reset();
    }
    return std::move(data).value_or(Dict{});
}

/// Calls `attempt(now)` on the version seen, and again on the newest one as long as somebody else was faster.
template <StoragePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
template <class Attempt>
void RecordDriver<Storage, Serializer, Signer>::until_committed(Attempt attempt)
{
    Backoff backoff{backend_->settings().commit_deadline};
    while (true) {
        auto const now = backend_->now();
        auto const result = seen_ || read_record(now) == Reason::none ? attempt(now) : WriteResult::absent;
        if (result == WriteResult::committed)
            return;
        if (result == WriteResult::absent) {
            seen_.reset();
            backend_->tell(EventKind::rejected, &*key_, Reason::interrupted);
            throw SessionInterrupted{
                "The session was ended before this request could save it. The user may have "
                "logged out in another request, for example."};
        }
        if (result == WriteResult::conflict)
            seen_.reset();
        if (!backoff.wait())
            throw ConflictError{"other requests kept changing the session until commit_deadline ran out"};
    }
}

template <StoragePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
void RecordDriver<Storage, Serializer, Signer>::save()
{
    document_.use();
    if (!key_) {
        create();
        return;
    }
    document();
    if (!key_)
        throw SessionInterrupted{"The session is unknown or has expired, so it cannot be saved."};
    until_committed([this](TimePoint now) {
        this->note_beginning(now);
        auto const& seen_text = document_.data().loaded_text();
        if (document_.is_changed() || seen_text.empty())
            if (auto text = dump(); text != seen_text)
                return backend_->storage().commit(*key_, *seen_, record(std::move(text), now), now);
        if (!is_signed_with_current_key())
            return backend_->storage().commit(*key_, *seen_, record(std::string{seen_text}, now), now);
        return backend_->storage().touch(*key_, *seen_, this->deadline(now), now);
    });
    written(EventKind::saved);
}

template <StoragePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
void RecordDriver<Storage, Serializer, Signer>::save(MustCreate)
{
    if (!key_ || !key_->is_storable()) {
        create();
        return;
    }
    document_.use();
    if (!document_.is_loaded())
        document_.load_nothing();
    auto const now = backend_->now();
    if (!backend_->storage().create(*key_, next_record(now), now))
        throw CreateError{"a record with this session's key exists already"};
    written(EventKind::created);
}

template <StoragePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
void RecordDriver<Storage, Serializer, Signer>::create()
{
    constexpr int attempts = 10'000; // as Django's cache engine (S-143); one is enough
    document_.use();
    if (is_ended_)
        throw SessionInterrupted{"The session was ended elsewhere, so its data cannot be saved."};
    if (!document_.is_loaded())
        document_.load_nothing();
    auto const now = backend_->now();
    auto const fresh_record = next_record(now);
    for (int attempt = 0; attempt < attempts; ++attempt) {
        auto fresh = SessionKey::generate();
        if (backend_->storage().create(fresh, fresh_record, now)) {
            key_ = std::move(fresh);
            has_new_key_ = true;
            document_.set_modified(true);
            written(EventKind::created);
            return;
        }
    }
    throw StorageError{"no new session can be created: the storage says that every key is taken"};
}

template <StoragePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
void RecordDriver<Storage, Serializer, Signer>::cycle_key()
{
    document_.use();
    document();
    if (!key_) {
        create();
        return;
    }
    auto fresh = SessionKey::generate();
    until_committed([&](TimePoint now) {
        auto const result = backend_->storage().rotate(*key_, *seen_, fresh, next_record(now), now);
        if (result == WriteResult::taken)
            fresh = SessionKey::generate();
        return result;
    });
    key_ = std::move(fresh);
    has_new_key_ = true;
    document_.set_modified(true);
    written(EventKind::rotated);
}

template <StoragePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
void RecordDriver<Storage, Serializer, Signer>::flush()
{
    document_.use();
    delete_record();
    document_.clear();
    document_.saved();
    key_.reset();
    seen_.reset();
    began_.reset();
    is_written_ = has_new_key_ = is_ended_ = false;
}

template <StoragePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
bool RecordDriver<Storage, Serializer, Signer>::renew()
{
    if (!key_ || this->is_written())
        return key_.has_value();
    // Data that could not be read are for a save to replace.
    if (!seen_ || document_.is_changed() || document_.data().loaded_text().empty())
        return false;
    auto const now = backend_->now();
    auto const is_due = this->is_due(seen_->expires, now);
    auto const is_noted = !this->is_limited() || began_;
    if (!is_due && is_noted)
        return false;
    auto const expires = is_due ? this->deadline(now) : std::min(seen_->expires, this->deadline(now));
    WriteResult result{};
    if (is_noted && is_signed_with_current_key()) {
        result = backend_->storage().touch(*key_, *seen_, expires, now);
    } else {
        auto record = next_record(now);
        record.expires = expires;
        result = backend_->storage().commit(*key_, *seen_, record, now);
    }
    if (result != WriteResult::committed)
        return false;
    written(EventKind::saved);
    return is_due;
}

template <StoragePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
bool RecordDriver<Storage, Serializer, Signer>::exists(std::string_view key)
{
    auto const parsed = SessionKey::parse(key);
    // As seen from the beginning of time no record has expired.
    return parsed && parsed->is_storable() && backend_->storage().load(*parsed, earliest_time).has_value();
}

template <StoragePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
void RecordDriver<Storage, Serializer, Signer>::delete_record(std::string_view key)
{
    auto const parsed = SessionKey::parse(key);
    if (parsed && parsed->is_storable() && backend_->storage().erase(*parsed))
        backend_->tell(EventKind::erased, &*parsed);
}

template <StoragePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
void RecordDriver<Storage, Serializer, Signer>::written(EventKind kind)
{
    document_.saved();
    seen_.reset(); // the storage has given the record a version that only a load can tell
    is_written_ = true;
    backend_->tell(kind, &*key_);
}

} // namespace cloakroom::inline v0

#endif
