// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_SESSION_STATE_HPP
#define CLOAKROOM_SESSION_SESSION_STATE_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/session/backend.hpp>
#include <cloakroom/session/change_flag.hpp>
#include <cloakroom/session/change_log.hpp>
#include <cloakroom/session/document.hpp>
#include <cloakroom/session/expiry.hpp>

#include <optional>
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
    TimePoint deadline(TimePoint now) const { return expiry().date(now, backend_->settings().cookie_age); }

    /// How long the cookie of the loaded data should live: nothing for as long as the browser.
    std::optional<Duration> lifetime() const
    {
        auto const& settings = backend_->settings();
        auto const when = expiry();
        if (when.is_browser_close() || (when.is_global_policy() && settings.expire_at_browser_close))
            return std::nullopt;
        return when.age(backend_->now(), settings.cookie_age);
    }

    Backend* backend_;
    std::optional<SessionKey> key_;
    Data document_;
    bool is_written_ = false;
};

} // namespace cloakroom::inline v0

#endif
