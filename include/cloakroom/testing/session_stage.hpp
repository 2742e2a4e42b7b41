// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_SESSION_STAGE_HPP
#define CLOAKROOM_TESTING_SESSION_STAGE_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/session/backend.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/session/settings.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/testing/fault_injection.hpp>
#include <cloakroom/testing/interleave.hpp>
#include <cloakroom/testing/manual_clock.hpp>
#include <cloakroom/testing/scheduled.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::testing {

/// A storage that notes every key under which it was asked to put something, whatever became of it.
template <StoragePolicy Inner>
class KeyNoting {
public:
    static constexpr auto purpose = Inner::purpose;
    static constexpr auto accepts = Inner::accepts;

    explicit KeyNoting(Inner inner) : inner_(std::move(inner)) {}

    std::optional<Stored> load(SessionKey const& key, TimePoint now) { return inner_.load(key, now); }
    bool create(SessionKey const& key, Record const& record, TimePoint now)
    {
        note(key);
        return inner_.create(key, record, now);
    }
    WriteResult commit(SessionKey const& key, Stored const& seen, Record const& record, TimePoint now)
    {
        return inner_.commit(key, seen, record, now);
    }
    WriteResult touch(SessionKey const& key, Stored const& seen, TimePoint expires, TimePoint now)
    {
        return inner_.touch(key, seen, expires, now);
    }
    WriteResult rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh,
                       Record const& record, TimePoint now)
    {
        note(fresh);
        return inner_.rotate(key, seen, fresh, record, now);
    }
    bool erase(SessionKey const& key) { return inner_.erase(key); }
    std::size_t clear_expired(TimePoint now, std::size_t budget) { return inner_.clear_expired(now, budget); }

    /// The keys since the last call.
    std::vector<SessionKey> take_keys()
    {
        std::scoped_lock const lock{*mutex_};
        return std::exchange(keys_, {});
    }

private:
    void note(SessionKey const& key)
    {
        std::scoped_lock const lock{*mutex_};
        keys_.push_back(key);
    }

    Inner inner_;
    std::vector<SessionKey> keys_;
    std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();
};

/// A Backend for the laws of sessions: its storage takes turns, fails on demand and notes its keys, and its
/// clock goes on by `tick` at each reading, so that times depend on nothing but the order of steps.
template <StoragePolicy InnerStorage, SerializerPolicy Serializer, SignerPolicy Signer>
class SessionStage {
public:
    using Storage = Scheduled<Faulty<KeyNoting<InnerStorage>>>;
    using Session = cloakroom::Session<Storage, Serializer, Signer>;

    SessionStage(InnerStorage storage, Signer signer, Duration tick)
        : backend_(Storage{Faulty<KeyNoting<InnerStorage>>{KeyNoting<InnerStorage>{std::move(storage)}}},
                   Serializer{}, std::move(signer), settings())
    {
        backend_.clock([clock = clock_, tick] {
            clock.advance(tick);
            return clock();
        });
    }

    typename Session::Backend& backend() { return backend_; }
    Faults const& faults() { return backend_.storage().inner().faults(); }

    /// The key of a new session with these items.
    SessionKey begin(Dict const& items)
    {
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
    std::vector<SessionKey> take_keys() { return backend_.storage().inner().inner().take_keys(); }

    void erase(std::vector<SessionKey> const& keys)
    {
        for (auto const& key : keys)
            backend_.storage().erase(key);
    }

private:
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

} // namespace cloakroom::inline v0::testing

#endif
