// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_TICKET_DRIVER_HPP
#define CLOAKROOM_SESSION_TICKET_DRIVER_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/result.hpp>
#include <cloakroom/session/backend.hpp>
#include <cloakroom/session/change_flag.hpp>
#include <cloakroom/session/document.hpp>
#include <cloakroom/session/event.hpp>
#include <cloakroom/session/field.hpp>
#include <cloakroom/session/lazy_dict.hpp>
#include <cloakroom/session/session_state.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cloakroom::inline v0 {

/// The ticket of a session that lives in the browser: the key is the data themselves, signed (S-240). The
/// counterpart of RecordDriver; the functions are the same, and no server keeps anything.
///
/// That has consequences which no driver can change. Of two requests at once, the later response carries the
/// session, and the other's changes are lost. A ticket that was copied stays good until it is older than
/// Settings::cookie_age, or the session older than Settings::absolute_age, after flush() too (S-258). An
/// expiry of the session's own rules the cookie's life, not the ticket's (S-251). Events name the ticket,
/// which is a new one after each save.
template <ClientSidePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
class TicketDriver : public SessionState<Storage, Serializer, Signer> {
    using State = SessionState<Storage, Serializer, Signer>;

public:
    using State::set_modified;
    using State::State;

    /// Loads the data unless they are loaded. A text that is no ticket of ours, or one too old, counts as
    /// empty data that have to be saved, so that the next response replaces it (S-252).
    void ensure_loaded() { document(); }

    /// What the ticket holds; the data of this object stay as they are. One that cannot be trusted holds
    /// nothing and has to be replaced.
    Dict load();

    /// Makes a new ticket of the data (S-254): session_key() is what the cookie has to say. Throws, with the
    /// ticket as it was, SizeError for a session that no browser would keep, TypeError for data that the
    /// serializer refuses.
    void save();
    /// The same: there is no other record that could have this key (S-254).
    void save(MustCreate) { save(); }
    /// Only has the session saved (S-255).
    void create() noexcept { set_modified(); }

    /// Never: nothing is kept under a key (S-255).
    bool exists(std::string_view) const noexcept { return false; }

    /// Empties this session and drops its key (S-256); the response then removes the cookie.
    void delete_record();
    template <class Key>
    void delete_record(Key const&)
    {
        static_assert(!std::is_same_v<Key, Key>,
                      "cloakroom: nobody but the visitor's own browser can remove a session that is kept in "
                      "a cookie; delete_record() without a key ends this one");
    }

    /// Ends the session: empties it and drops its key. Copies of the ticket stay good until they are too old
    /// (S-258).
    void flush();
    /// Saves: there is no other key to move to (S-257).
    void cycle_key() { save(); }

    /// Renews a loaded session that is as it was: makes a new ticket, if Settings::renewal_threshold says
    /// so. Whether the browser's cookie has to be renewed. One that would get too large for browsers stays.
    bool renew();

    /// Never: the ticket that the browser has is as good as a new one.
    bool has_new_key() const noexcept { return false; }

    /// How long the cookie should live: nothing for as long as the browser. Loads. A stored expiry that
    /// cannot be read counts as none.
    std::optional<Duration> cookie_lifetime()
    {
        document();
        return this->lifetime();
    }

protected:
    ~TicketDriver() = default;
    TicketDriver(TicketDriver&&) noexcept = default;
    TicketDriver& operator=(TicketDriver&&) noexcept = default;

    template <class>
    friend class Item;
    template <class, AnyField>
    friend class FieldItem;

    /// The data, loaded.
    Document<Serializer, ChangeFlag>& document();

private:
    using State::backend_;
    using State::began_;
    using State::document_;
    using State::is_written_;
    using State::key_;

    Result<std::string, Reason> payload(TimePoint now) const;
    template <class AnyData>
    std::optional<TimePoint> beginning(AnyData const& data, TimePoint now) const;
    std::optional<TimePoint> beginning_in_ticket(TimePoint now) const;
    void reject(Reason reason);
    void check_size(std::size_t ticket) const;
};

template <ClientSidePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
Document<Serializer, ChangeFlag>& TicketDriver<Storage, Serializer, Signer>::document()
{
    if (document_.is_loaded())
        return document_;
    if (!key_) {
        document_.load_nothing();
        return document_;
    }
    auto const now = backend_->now();
    auto text = payload(now);
    if (!text) {
        document_.load_nothing();
        reject(text.reason());
    } else if (!document_.load(backend_->serializer(), *std::move(text))) {
        reject(Reason::undecodable);
    } else if (began_ = beginning(document_.data(), now); this->is_too_old(began_, now)) {
        document_.load_nothing();
        began_.reset();
        reject(Reason::expired);
    } else {
        backend_->tell(EventKind::loaded, &*key_);
    }
    return document_;
}

template <ClientSidePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
Dict TicketDriver<Storage, Serializer, Signer>::load()
{
    if (!key_)
        return {};
    auto const now = backend_->now();
    auto const text = payload(now);
    if (!text) {
        reject(text.reason());
        return {};
    }
    auto data = backend_->serializer().load(*text);
    if (!data) {
        reject(Reason::undecodable);
        return {};
    }
    if (this->is_too_old(beginning(*data, now), now)) {
        reject(Reason::expired);
        return {};
    }
    return *std::move(data);
}

/// What the ticket holds, if it is ours and young enough (S-250, S-253). Precondition: key_.
template <ClientSidePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
Result<std::string, Reason> TicketDriver<Storage, Serializer, Signer>::payload(TimePoint now) const
{
    auto const record = backend_->storage().open(key_->reveal());
    if (!record)
        return Reason::unusable_key;
    Duration const cookie_age = backend_->settings().cookie_age;
    auto text = backend_->signer().unsign(record->payload, now,
                                          std::min(cookie_age, this->longest_age().value_or(cookie_age)));
    if (!text)
        return text.reason() == Rejection::bad_signature ? Reason::bad_signature
               : text.reason() == Rejection::expired     ? Reason::expired
                                                         : Reason::undecodable;
    if (record->expires <= now)
        return Reason::expired;
    return *std::move(text);
}

template <ClientSidePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
template <class AnyData>
std::optional<TimePoint> TicketDriver<Storage, Serializer, Signer>::beginning(AnyData const& data,
                                                                              TimePoint now) const
{
    if (!this->is_limited())
        return std::nullopt;
    auto const record = backend_->storage().open(key_->reveal());
    return record ? State::beginning(data, record->payload, now) : std::nullopt;
}

/// For data that were emptied unread: they go on with a session that has begun, unless it is over.
template <ClientSidePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
std::optional<TimePoint> TicketDriver<Storage, Serializer, Signer>::beginning_in_ticket(TimePoint now) const
{
    if (!key_ || !this->is_limited())
        return std::nullopt;
    auto text = payload(now);
    LazyDict<Serializer> data;
    if (!text || !data.load(backend_->serializer(), *std::move(text)))
        return std::nullopt;
    auto const began = beginning(data, now);
    return this->is_too_old(began, now) ? std::nullopt : began;
}

template <ClientSidePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
void TicketDriver<Storage, Serializer, Signer>::reject(Reason reason)
{
    set_modified();
    backend_->tell(EventKind::rejected, &*key_, reason);
}

template <ClientSidePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
void TicketDriver<Storage, Serializer, Signer>::save()
{
    document_.use();
    document();
    auto const now = backend_->now();
    if (!began_)
        began_ = beginning_in_ticket(now);
    this->note_beginning(now);
    auto ticket = backend_->storage().seal(
        {backend_->signer().sign(document_.data().dump(backend_->serializer()), now), this->deadline(now)});
    check_size(ticket.size());
    auto const kind = key_ ? EventKind::saved : EventKind::created;
    key_ = SessionKey::of_ticket(std::move(ticket));
    document_.saved();
    document_.set_modified(true);
    is_written_ = true;
    backend_->tell(kind, &*key_);
}

template <ClientSidePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
void TicketDriver<Storage, Serializer, Signer>::check_size(std::size_t ticket) const
{
    auto const size = backend_->settings().cookie_name.view().size() + ticket;
    if (size > Storage::max_cookie_size)
        throw SizeError{"the session needs a cookie of " + std::to_string(size) +
                        " bytes, name and value together, and browsers keep no more than " +
                        std::to_string(Storage::max_cookie_size) +
                        "; keep less in it, or choose a storage on the server"};
}

template <ClientSidePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
void TicketDriver<Storage, Serializer, Signer>::delete_record()
{
    if (key_)
        backend_->tell(EventKind::erased, &*key_);
    key_.reset();
    began_.reset();
    document_.saved();
    document_.load_nothing();
    set_modified();
}

template <ClientSidePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
void TicketDriver<Storage, Serializer, Signer>::flush()
{
    document_.clear();
    delete_record();
}

template <ClientSidePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
bool TicketDriver<Storage, Serializer, Signer>::renew()
try {
    if (!key_ || this->is_written())
        return key_.has_value();
    if (!document_.is_loaded() || document_.is_changed() || document_.data().loaded_text().empty())
        return false;
    auto const interval = this->renewal_interval();
    if (!interval)
        return false;
    // Whether the signature is younger any signer tells.
    auto const record = backend_->storage().open(key_->reveal());
    auto const text = backend_->signer().unsign(record ? record->payload : std::string{}, backend_->now(),
                                                *interval - Duration{1});
    if (text || text.reason() != Rejection::expired)
        return false;
    auto const modified = document_.modified();
    save();
    document_.set_modified(modified);
    return true;
} catch (SizeError const&) {
    return false;
}

} // namespace cloakroom::inline v0

#endif
