// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_SESSION_FAULTS_HPP
#define CLOAKROOM_TESTING_SESSION_FAULTS_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/testing/fault_injection.hpp>
#include <cloakroom/testing/law.hpp>
#include <cloakroom/testing/session_requests.hpp>
#include <cloakroom/testing/session_stage.hpp>
#include <cloakroom/testing/storage_story.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::testing {

/// One request with a store that breaks at each of its calls, before and after the call took effect: the
/// session is then as it was or as it should be, under exactly one key, and never gone but by a flush.
template <class Stage>
class SessionFaults {
public:
    explicit SessionFaults(Stage& stage) : stage_(stage) {}

    /// Returns how many faults were tried.
    std::size_t walk(RequestKind kind);

private:
    std::string run(RequestKind kind, std::size_t call, Moment moment);
    void check(RequestKind kind, SessionKey const& key, std::vector<SessionKey> const& keys, Moment moment,
               std::optional<SessionKey> const& told);
    void check_retry(RequestKind kind, typename Stage::Session& session);

    Stage& stage_;
};

template <class Stage>
std::size_t SessionFaults<Stage>::walk(RequestKind kind)
{
    std::size_t faults = 0;
    for (auto const moment : {Moment::before, Moment::after})
        for (std::size_t call = 1;; ++call) {
            auto const where =
                std::string{"A request that "} + to_text(kind) + ", with a store that breaks " +
                (moment == Moment::before ? "before" : "after") + " call " + std::to_string(call);
            auto const failed = stage_.tell(where, [&] { return run(kind, call, moment); });
            if (failed.empty())
                break;
            ++faults;
        }
    return faults;
}

/// The operation that failed, or an empty text when there are fewer calls.
template <class Stage>
std::string SessionFaults<Stage>::run(RequestKind kind, std::size_t call, Moment moment)
{
    stage_.take_keys();
    auto const key = stage_.begin(shared_items());
    typename Stage::Session session{stage_.backend(), key};
    stage_.faults().reset_counts();
    stage_.faults().fail_call(call, moment);
    std::string thrown;
    bool loaded = false;
    try {
        session.ensure_loaded();
        loaded = true;
        act(kind, session, 0);
    } catch (StorageError const& error) {
        thrown = error.what();
    }
    auto const failed = stage_.faults().failed();
    stage_.faults().heal();
    require(failed.has_value() || thrown.empty(), "The storage threw by itself: " + thrown);
    require(!failed.has_value() || !thrown.empty(),
            "The store broke, but the request went on as if it had not.");
    if (failed) {
        require(session.session_key().has_value(), "A broken store looks like a visitor without a session.");
        auto const keys = stage_.take_keys();
        check(kind, key, keys, moment, session.session_key());
        if (moment == Moment::before && loaded)
            check_retry(kind, session);
        stage_.erase(keys);
    }
    stage_.erase(stage_.take_keys());
    return failed ? to_text(*failed) : "";
}

template <class Stage>
void SessionFaults<Stage>::check(RequestKind kind, SessionKey const& key, std::vector<SessionKey> const& keys,
                                 Moment moment, std::optional<SessionKey> const& told)
{
    auto const failed = *stage_.faults().failed();
    auto whole = shared_items();
    act_on_dict(kind, whole, 0);
    std::size_t alive = 0;
    for (auto const& each : keys)
        if (auto const found = stage_.read(each)) {
            ++alive;
            // A request of two writes may have done the first.
            auto const first_half = kind == RequestKind::cycle_and_set && !(each == key);
            auto const old = each == key || first_half;
            require((old && same_items(*found, shared_items())) || same_items(*found, whole),
                    "The session holds " + to_text(*found) + ", which is neither its old nor its new state.");
            if (moment == Moment::before)
                require(told && *told == each,
                        "The session lives under a key that the request does not know.");
        }
    require(alive <= 1, "The session lives under two keys.");
    auto const may_be_gone = failed == Operation::erase && moment == Moment::after;
    require(alive == 1 || may_be_gone, "The session is gone.");
    require(alive == 0 || !may_be_gone, "The session lives although its record was erased.");
}

/// Nothing took effect, so doing the last part again has to bring about all of it.
template <class Stage>
void SessionFaults<Stage>::check_retry(RequestKind kind, typename Stage::Session& session)
{
    if (kind == RequestKind::flush) {
        session.flush();
        require(!session.session_key(), "A flush that was done again left a key.");
        return;
    }
    if (kind == RequestKind::count_and_cycle)
        session.cycle_key();
    else if (kind != RequestKind::cycle_and_set)
        session.save();
    else
        return;
    auto whole = shared_items();
    act_on_dict(kind, whole, 0);
    auto const found = stage_.read(*session.session_key());
    require(found && same_items(*found, whole),
            "Done again, the request does not bring about its changes once.");
}

} // namespace cloakroom::inline v0::testing

#endif
