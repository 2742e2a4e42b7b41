// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_SESSION_LAWS_HPP
#define CLOAKROOM_TESTING_SESSION_LAWS_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/testing/fault_injection.hpp>
#include <cloakroom/testing/interleave.hpp>
#include <cloakroom/testing/law.hpp>
#include <cloakroom/testing/session_faults.hpp>
#include <cloakroom/testing/session_requests.hpp>
#include <cloakroom/testing/session_schedules.hpp>
#include <cloakroom/testing/session_stage.hpp>
#include <cloakroom/testing/storage_story.hpp>

#include <chrono>
#include <cstddef>
#include <functional>

namespace cloakroom::inline v0::testing {

/// How much session_laws walks through.
struct SessionLawOptions {
    /// How many requests share a session, at most 3.
    std::size_t clients = 3;
    /// Stop each combination of requests after that many schedules; 0 walks all.
    std::size_t limit = 0;
};

/// What was walked: combinations of requests, schedules of these, and calls that were made to fail.
struct SessionLawReport {
    std::size_t combinations = 0;
    std::size_t schedules = 0;
    std::size_t faults = 0;
    /// Whether every schedule of every combination was walked.
    bool complete = true;
};

/// The policies of a Session type.
template <class Session>
struct SessionPolicies;

template <StoragePolicy S, SerializerPolicy Z, SignerPolicy G>
struct SessionPolicies<Session<S, Z, G>> {
    using Storage = S;
    using Serializer = Z;
    using Signer = G;
};

/// A session that is not used costs no storage call, a key that no storage takes neither; reading costs one
/// load, saving a commit more.
template <class Stage>
void session_costs(Stage& stage)
{
    auto const key = stage.begin(shared_items());
    auto const& faults = stage.faults();
    faults.reset_counts();
    {
        typename Stage::Session const unused{stage.backend(), key};
        require(unused.session_key().has_value(), "A session forgot its key before anybody looked.");
    }
    typename Stage::Session hostile{stage.backend(), "../../etc/passwd"};
    require(hostile.items().empty() && !hostile.session_key(), "A key that no storage takes was kept.");
    require(faults.count() == 0, "A session that is not used, or whose key is none, called the storage.");
    typename Stage::Session session{stage.backend(), key};
    require(session.at("base") == Value{"kept"} && session.contains("count"),
            "What was saved is not loaded.");
    require(faults.count() == 1 && faults.count(Operation::load) == 1, "Reading took more than one load.");
    session["count"] += 1;
    session.save();
    require(faults.count() == 2 && faults.count(Operation::commit) == 1,
            "Saving took more than one load and one commit.");
    session["count"] += 1;
    session.save();
    require(faults.count() <= 4, "Saving once more took more than another load and commit.");
    stage.erase(stage.take_keys());
}

/// The laws on a stage; see session_laws.
template <class Stage>
SessionLawReport laws_on_stage(std::function<typename Stage::Inner()> const& make_storage,
                               typename Stage::Signer const& signer, SessionLawOptions options)
{
    SessionLawReport report;
    auto const note = [&](InterleaveReport const& walk) {
        ++report.combinations;
        report.schedules += walk.schedules;
        report.complete = report.complete && walk.complete;
    };

    // With time at a standstill equal data have equal payloads and deadlines; with a clock that goes, all
    // differ.
    for (auto const tick : {Duration::zero(), Duration{std::chrono::seconds{1}}}) {
        Stage stage{make_storage(), signer, tick};
        stage.tell("One request after the other", [&] { session_costs(stage); });
        SessionFaults<Stage> faults{stage};
        SessionSchedules<Stage> schedules{stage, {.limit = options.limit}};
        for (auto const first : every_request) {
            report.faults += faults.walk(first);
            note(schedules.walk({first, RequestKind::expire}));
            if (tick > Duration::zero()) // otherwise a renewal would be too early
                note(schedules.walk({first, RequestKind::renew}));
            for (auto const second : every_request)
                if (first <= second)
                    note(schedules.walk({first, second}));
        }
    }
    if (options.clients < 3)
        return report;
    Stage stage{make_storage(), signer, Duration{std::chrono::seconds{1}}};
    SessionSchedules<Stage> schedules{stage, {.limit = options.limit}};
    for (auto const first : every_request)
        for (auto const second : every_request)
            for (auto const third : every_request)
                if (first <= second && second <= third)
                    note(schedules.walk({first, second, third}));
    return report;
}

/// What nobody may lose by sharing a session, whatever its policies:
/// `session_laws<MySession>([] { return MyStorage{...}; }, MySigner{...});`
///
/// Requests that count, set, erase, append, touch, cycle the key and flush run side by side, two of every
/// kind with each other, with the session's expiry and its renewal, and three of every kind, in every order
/// of their storage calls. Every acknowledged change is there once, a flushed or moved session stays dead
/// under its old key, a request is interrupted only when somebody ended the session. Then each request runs
/// with a store that breaks at each of its calls: nothing is half done.
///
/// `make_storage()` gives a storage by value, ready to use. Throws LawBroken with the requests and the
/// schedule. Whoever runs many storages compiles `laws_on_stage` once for all that have the same constants.
template <class Session, class MakeStorage>
SessionLawReport session_laws(MakeStorage make_storage, typename SessionPolicies<Session>::Signer signer = {},
                              SessionLawOptions options = {})
{
    using Policies = SessionPolicies<Session>;
    using Stage =
        SessionStage<typename Policies::Storage, typename Policies::Serializer, typename Policies::Signer>;
    return laws_on_stage<Stage>([&] { return typename Stage::Inner{make_storage()}; }, signer, options);
}

} // namespace cloakroom::inline v0::testing

#endif
