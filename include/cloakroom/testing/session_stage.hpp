// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_SESSION_STAGE_HPP
#define CLOAKROOM_TESTING_SESSION_STAGE_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/session/backend.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/session/settings.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/testing/fault_injection.hpp>
#include <cloakroom/testing/interleave.hpp>
#include <cloakroom/testing/law.hpp>
#include <cloakroom/testing/manual_clock.hpp>
#include <cloakroom/testing/scheduled.hpp>
#include <cloakroom/testing/stage_storage.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::testing {

/// A Backend for the laws of sessions: its storage takes turns, fails on demand and notes what is asked, and
/// its clock goes on by `tick` at each reading, so that times depend on nothing but the order of steps.
template <class InnerStorage, SerializerPolicy Serializer, SignerPolicy SignerType>
class BasicSessionStage {
public:
    using Inner = InnerStorage;
    using Signer = SignerType;
    using Storage = Scheduled<Faulty<Inner>>;
    using Session = cloakroom::Session<Storage, Serializer, Signer>;

    BasicSessionStage(Inner storage, Signer signer, Duration tick)
        : backend_(Storage{Faulty<Inner>{std::move(storage)}}, Serializer{}, std::move(signer), settings())
    {
        backend_.clock([clock = clock_, tick] {
            clock.advance(tick);
            return clock();
        });
    }

    template <StoragePolicy Real>
    BasicSessionStage(Real storage, Signer signer, Duration tick)
        : BasicSessionStage(Inner{std::move(storage)}, std::move(signer), tick)
    {
    }

    typename Session::Backend& backend() { return backend_; }
    Faults const& faults() { return backend_.storage().inner().faults(); }

    /// The key of a new session with these items.
    SessionKey begin(Dict const& items)
    {
        notes().begin();
        Session session{backend_};
        session.update(items);
        session.save();
        return *session.session_key();
    }

    /// What is stored under the key, or nothing when no live record is.
    std::optional<Dict> read(SessionKey const& key)
    {
        Session session{backend_, key};
        session.ensure_loaded();
        return session.session_key() ? std::optional{session.items()} : std::nullopt;
    }

    /// Lets every session die that is stored now.
    void expire()
    {
        interleave_point("the clock goes on");
        clock_.advance(backend_.settings().cookie_age + std::chrono::seconds{1});
    }

    /// Every key since the last call under which anything may be stored.
    std::vector<SessionKey> take_keys() { return notes().take_keys(); }

    void erase(std::vector<SessionKey> const& keys)
    {
        for (auto const& key : keys)
            backend_.storage().erase(key);
    }

    /// Runs `script`. What it throws becomes a LawBroken with `what` and the calls of the storage since
    /// begin().
    template <class Script>
    auto tell(std::string const& what, Script const& script)
    {
        try {
            return script();
        } catch (LawBroken const& broken) {
            throw LawBroken{what + ": " + broken.what() + notes().story()};
        } catch (std::exception const& thrown) {
            throw LawBroken{what + ": A session threw: " + thrown.what() + notes().story()};
        }
    }
    /// The calls of the storage since begin().
    std::string story() { return notes().story(); }

private:
    StageNotes& notes() { return backend_.storage().inner().inner().notes(); }

    static Settings settings()
    {
        Settings settings;
        settings.commit_deadline = std::chrono::seconds{60}; // slow machines are no conflicts
        settings.renewal_threshold = std::chrono::seconds{1};
        return settings;
    }

    typename Session::Backend backend_;
    ManualClock clock_{system_now() + std::chrono::hours{24}};
};

/// The stage for a storage, which is the same type for many storages.
template <StoragePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
using SessionStage = BasicSessionStage<StageStorageFor<Storage>, Serializer, Signer>;

} // namespace cloakroom::inline v0::testing

#endif
