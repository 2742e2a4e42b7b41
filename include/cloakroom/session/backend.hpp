// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_BACKEND_HPP
#define CLOAKROOM_SESSION_BACKEND_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/serializer/concept.hpp>
#include <cloakroom/session/event.hpp>
#include <cloakroom/session/settings.hpp>
#include <cloakroom/signer/concept.hpp>
#include <cloakroom/storage/concept.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <utility>

namespace cloakroom::inline v0 {

/// Which payloads the storage of a session gets.
template <SerializerPolicy Serializer, SignerPolicy Signer>
inline constexpr Content payload_content =
    Signer::output == Content::unchanged ? Serializer::output : Signer::output;

/// Whether the storage can hold what the other two make.
template <SessionStorage Storage, SerializerPolicy Serializer, SignerPolicy Signer>
inline constexpr bool holds_payload =
    payload_content<Serializer, Signer> == Content::text || Storage::accepts == Content::bytes;

/// Whether a session is signed where it has to be: in the browser.
template <SessionStorage Storage, SignerPolicy Signer>
inline constexpr bool is_signed_enough = !ClientSidePolicy<Storage> || Signer::output != Content::unchanged;

/// Whether these policies make a Session: what Backend asks of the three together.
template <SessionStorage Storage, SerializerPolicy Serializer, SignerPolicy Signer>
inline constexpr bool go_together =
    holds_payload<Storage, Serializer, Signer> && is_signed_enough<Storage, Signer>;

/// What the sessions of a process share: storage, serializer, signer and settings. Made once, neither copied
/// nor moved, used by all threads at a time; outlives its sessions. Clock and hook are set before it is
/// shared.
template <SessionStorage Storage, SerializerPolicy Serializer, SignerPolicy Signer>
class Backend {
public:
    using BoundSigner = decltype(std::declval<Signer const&>().bind(Storage::purpose));

    /// Takes the policies over and derives the signer's keys. Throws ImproperlyConfigured naming the setting.
    explicit Backend(Storage storage, Serializer serializer = {}, Signer const& signer = {},
                     Settings const& settings = {})
        : storage_{std::move(storage)},
          serializer_{std::move(serializer)},
          signer_{bind(signer, settings)},
          settings_{settings}
    {
        check_settings(settings_);
    }
    Backend(Backend const&) = delete;
    Backend& operator=(Backend const&) = delete;
    ~Backend() = default;

    Storage& storage() noexcept { return storage_; }
    Serializer const& serializer() const noexcept { return serializer_; }
    BoundSigner const& signer() const noexcept { return signer_; }
    Settings const& settings() const noexcept { return settings_; }

    /// Sets where the time comes from. Before the backend is shared.
    void clock(Clock clock) { clock_ = std::move(clock); }
    TimePoint now() const { return clock_ ? clock_() : system_now(); }

    /// Sets who hears of events. Before the backend is shared.
    void on_event(EventHook hook) { hook_ = std::move(hook); }

    /// Tells the hook. A hook that throws changes nothing.
    void tell(EventKind kind, SessionKey const* key, Reason reason = Reason::none) noexcept
    {
        if (!hook_)
            return;
        try {
            hook_(Event{kind, reason, key});
        } catch (...) { // NOLINT(bugprone-empty-catch): the hook's own trouble is not the visitor's
        }
    }

    /// Removes every record that is past its expiry, in small steps, and returns how many (S-129). Nothing
    /// where the browsers keep the sessions (S-255).
    std::size_t clear_expired()
    {
        return clear_expired([](std::size_t) {});
    }
    /// The same; `progress` is told after each step how many are removed so far. What it throws ends the
    /// sweep.
    template <std::invocable<std::size_t> Progress>
    std::size_t clear_expired(Progress progress)
    {
        std::size_t total = 0;
        if constexpr (!ClientSidePolicy<Storage>) {
            constexpr std::size_t budget = 1000;
            auto const start = now();
            for (auto cleared = budget; cleared == budget;) {
                cleared = storage_.clear_expired(start, budget);
                total += cleared;
                std::invoke(progress, total);
            }
        }
        return total;
    }

private:
    static BoundSigner bind(Signer const& signer, Settings const& settings)
    {
        if constexpr (CookieSignerPolicy<Signer>)
            return signer.bind(Storage::purpose, settings.cookie_name.view());
        else
            return signer.bind(Storage::purpose);
    }

    Storage storage_;
    Serializer serializer_;
    BoundSigner signer_;
    Settings settings_;
    Clock clock_;
    EventHook hook_;

    // Last, because clang ignores whatever of a class follows an assertion that fails, and would miss it.
    static_assert(holds_payload<Storage, Serializer, Signer>,
                  "cloakroom: this storage holds text, but the serializer and signer give bytes; "
                  "sign with signer::Hmac or choose a storage that accepts bytes");
    static_assert(is_signed_enough<Storage, Signer>,
                  "cloakroom: what the browser keeps must be signed, or every visitor could write their own "
                  "session; sign with signer::Hmac or signer::Aead");
};

} // namespace cloakroom::inline v0

#endif
