// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_SESSION_STATE_HPP
#define CLOAKROOM_SESSION_SESSION_STATE_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/session/backend.hpp>
#include <cloakroom/session/change_flag.hpp>
#include <cloakroom/session/change_log.hpp>
#include <cloakroom/session/creation.hpp>
#include <cloakroom/session/document.hpp>
#include <cloakroom/session/expiry.hpp>
#include <cloakroom/session/item_path.hpp>
#include <cloakroom/signer/concept.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cloakroom::inline v0 {

/// save(must_create): the record must be new.
struct MustCreate {};
inline constexpr MustCreate must_create{};

/// What a session has within one request, wherever its data are kept: the key, the document and the flags.
/// The base of the drivers, which load and save.
template <SessionStorage Storage, SerializerPolicy Serializer, SignerPolicy Signer>
class SessionState {
public:
    using Backend = cloakroom::Backend<Storage, Serializer, Signer>;

    SessionState(Backend& backend, std::optional<SessionKey>&& key) : backend_{&backend}, key_{std::move(key)}
    {
    }

    Backend& backend() const noexcept { return *backend_; }

    /// What the cookie said, until it turns out to be no session; then what the cookie has to say.
    std::optional<SessionKey> const& session_key() const noexcept { return key_; }

    /// No key, and no data as far as they are loaded (S-007). Loads nothing.
    bool is_empty() const noexcept { return !key_ && document_.data().empty(); }

    bool accessed() const noexcept { return document_.accessed(); }
    bool modified() const noexcept { return document_.modified(); }
    void set_modified(bool modified = true) noexcept
    {
        document_.set_modified(modified);
        if (modified)
            is_written_ = false;
    }

    bool is_loaded() const noexcept { return document_.is_loaded(); }

    /// Whether this object saved the session and nothing has changed since.
    bool is_written() const noexcept { return is_written_ && !document_.is_changed(); }

protected:
    using Data = Document<Serializer, std::conditional_t<ClientSidePolicy<Storage>, ChangeFlag, ChangeLog>>;

    ~SessionState() = default;
    SessionState(SessionState&&) noexcept = default;
    SessionState& operator=(SessionState&&) noexcept = default;

    /// The data, loaded or not.
    Data& unloaded_document() noexcept { return document_; }

    Expiry expiry() const { return Expiry::from_stored(document_.data().find(Expiry::item_name)); }
    TimePoint deadline(TimePoint now) const
    {
        auto const usual = expiry().date(now, backend_->settings().cookie_age);
        return is_limited() ? std::min(usual, last_moment(began_.value_or(now))) : usual;
    }

    /// How long the cookie of the loaded data should live: nothing for as long as the browser.
    std::optional<Duration> lifetime() const
    {
        auto const& settings = backend_->settings();
        auto const when = expiry();
        if (when.is_browser_close() || (when.is_global_policy() && settings.expire_at_browser_close))
            return std::nullopt;
        auto const now = backend_->now();
        auto const usual = when.age(now, settings.cookie_age);
        return is_limited() ? std::min(usual, last_moment(began_.value_or(now)) - now) : usual;
    }

    /// Whether there is a Settings::absolute_age.
    bool is_limited() const noexcept
    {
        return backend_->settings().absolute_age > std::chrono::seconds::zero();
    }
    /// How old a signature may be: no session that was signed before is still good.
    std::optional<Duration> longest_age() const
    {
        return is_limited() ? std::optional<Duration>{backend_->settings().absolute_age} : std::nullopt;
    }
    /// When a session of these data in this signed text began, as far as either tells.
    template <class AnyData>
    std::optional<TimePoint> beginning(AnyData const& data, std::string_view text, TimePoint now) const
    {
        if (auto const stored = Creation::from_stored(data.find(Creation::item_name), now))
            return stored;
        if constexpr (DatingSigner<typename Backend::BoundSigner>)
            return backend_->signer().signed_at(text);
        return std::nullopt;
    }
    /// Whether absolute_age is over.
    bool is_too_old(std::optional<TimePoint> beginning, TimePoint now) const
    {
        return beginning && last_moment(*beginning) <= now;
    }

    /// Before a write: the data say when the session began, if there is an absolute_age. Whoever wrote that
    /// first is right. The flags stay as they are.
    void note_beginning(TimePoint now)
    {
        if (!is_limited())
            return;
        auto const* const item = document_.data().find(Creation::item_name);
        if (auto const stored = Creation::from_stored(item, now)) {
            began_ = stored;
            return;
        }
        began_ = std::chrono::floor<std::chrono::seconds>(began_.value_or(now));
        auto const modified = document_.modified();
        ItemPath const path{Creation::item_name};
        if (item == nullptr)
            document_.set_default(path, Creation::to_value(*began_));
        else
            document_.set(path, Creation::to_value(*began_));
        document_.set_modified(modified);
    }

    /// How long ago the loaded data were renewed when they are to be renewed again: the threshold, or half of
    /// an age of their own where that is less, or they would end under the visitor's eyes. Nothing for those
    /// that are never renewed.
    std::optional<Duration> renewal_interval() const
    {
        Duration const threshold = backend_->settings().renewal_threshold;
        auto const when = expiry();
        if (threshold <= Duration::zero() || when.is_moment())
            return std::nullopt;
        if (when.is_global_policy() || when.is_browser_close())
            return threshold;
        auto const half = when.age({}, threshold) / 2;
        return half > Duration::zero() ? std::optional{std::min(threshold, half)} : std::nullopt;
    }
    /// Whether a session whose record ends at `expires` is to be renewed now.
    bool is_due(TimePoint expires, TimePoint now) const
    {
        auto const interval = renewal_interval();
        return interval && expiry().date(now, backend_->settings().cookie_age) - expires >= *interval &&
               deadline(now) > expires;
    }

    Backend* backend_;
    std::optional<SessionKey> key_;
    Data document_;
    std::optional<TimePoint> began_; // of the loaded data, if absolute_age wants to know and anything tells
    bool is_written_ = false;

private:
    TimePoint last_moment(TimePoint beginning) const
    {
        return saturating_add(beginning, backend_->settings().absolute_age);
    }
};

} // namespace cloakroom::inline v0

#endif
