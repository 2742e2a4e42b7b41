// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_SESSION_SCHEDULES_HPP
#define CLOAKROOM_TESTING_SESSION_SCHEDULES_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/testing/interleave.hpp>
#include <cloakroom/testing/law.hpp>
#include <cloakroom/testing/session_requests.hpp>
#include <cloakroom/testing/session_stage.hpp>
#include <cloakroom/testing/storage_story.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cloakroom::inline v0::testing {

/// Requests that share one session, side by side in every order of their storage calls.
template <class Stage>
class SessionSchedules {
public:
    SessionSchedules(Stage& stage, InterleaveOptions options) : stage_(stage), options_(options) {}

    InterleaveReport walk(std::vector<RequestKind> const& kinds);

private:
    struct Outcome {
        bool done = false; ///< acknowledged: everything returned normally
        bool interrupted = false;
        bool came_late = false; ///< its key was dead already when it loaded; it began a session of its own
        std::optional<SessionKey> key;
    };
    struct Scene {
        SessionKey key;
        std::vector<Outcome> outcomes;
    };

    Scene begin(std::size_t requests)
    {
        stage_.take_keys();
        return {stage_.begin(shared_items()), std::vector<Outcome>(requests)};
    }
    void run(Scene& scene, RequestKind kind, std::size_t client)
    {
        auto& outcome = scene.outcomes[client];
        if (kind == RequestKind::expire) {
            stage_.expire();
            outcome.done = true;
            return;
        }
        typename Stage::Session session{stage_.backend(), scene.key};
        if (kind != RequestKind::touch) { // which is saved as it came, so that save() has to load
            session.ensure_loaded();
            outcome.came_late = !session.session_key();
        }
        try {
            if (kind == RequestKind::renew) {
                outcome.done = session.renew(); // which may leave things as they are
            } else {
                act(kind, session, client);
                outcome.done = true;
            }
            outcome.key = session.session_key();
        } catch (SessionInterrupted const&) {
            outcome.interrupted = true;
        }
    }
    void check_acknowledged(Scene const& scene, InterleavedRun const& run);
    void check(Scene const& scene, std::vector<RequestKind> const& kinds);
    void check_interruptions(Scene const& scene, std::vector<RequestKind> const& kinds);
    void check_late(Scene const& scene, std::vector<RequestKind> const& kinds,
                    std::vector<SessionKey>& expected);

    Stage& stage_;
    InterleaveOptions options_;
};

template <class Stage>
InterleaveReport SessionSchedules<Stage>::walk(std::vector<RequestKind> const& kinds)
{
    std::string requests;
    std::vector<std::function<void(Scene&)>> clients;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        clients.push_back([this, kind = kinds[i], i](Scene& scene) { run(scene, kind, i); });
        requests += (i == 0 ? "" : ", ") + client_name(i) + " " + to_text(kinds[i]);
    }
    try {
        return for_each_interleaving([&] { return begin(kinds.size()); }, clients,
                                     [&](Scene const& scene, InterleavedRun const& run) {
                                         check_acknowledged(scene, run);
                                         check(scene, kinds);
                                     },
                                     options_);
    } catch (LawBroken const& broken) {
        throw LawBroken{requests + ": " + broken.what()};
    } catch (std::exception const& thrown) {
        throw LawBroken{requests + ": A session threw: " + thrown.what() + stage_.story()};
    }
}

template <class Stage>
void SessionSchedules<Stage>::check_acknowledged(Scene const& scene, InterleavedRun const& run)
{
    for (std::size_t i = 0; i < scene.outcomes.size(); ++i)
        for (auto const* const refused : {"conflict", "absent", "taken"})
            require(!scene.outcomes[i].done || run.last_answer(i) != refused,
                    client_name(i) + " was told that it is saved, but the storage had refused.");
}

/// One session began, so one lives at most: under the key of who cycled, under none after a flush or its
/// expiry, else under its old one. It holds what was acknowledged, all of it and nothing else.
template <class Stage>
void SessionSchedules<Stage>::check(Scene const& scene, std::vector<RequestKind> const& kinds)
{
    auto items = shared_items();
    std::optional<SessionKey> home = scene.key;
    bool flushed = false;
    bool expired = false;
    std::size_t cycled = 0;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        if (!scene.outcomes[i].done || scene.outcomes[i].came_late)
            continue;
        act_on_dict(kinds[i], items, i);
        flushed = flushed || kinds[i] == RequestKind::flush;
        expired = expired || kinds[i] == RequestKind::expire;
        if (cycles(kinds[i])) {
            ++cycled;
            home = scene.outcomes[i].key;
        }
    }
    require(cycled <= 1, "Two requests moved one session to two keys.");
    if ((flushed && cycled == 0) || expired)
        home.reset();
    check_interruptions(scene, kinds);

    std::vector<SessionKey> expected;
    check_late(scene, kinds, expected);
    if (home) {
        expected.push_back(*home);
        auto const found = stage_.read(*home);
        require(found.has_value(), "The session is gone, but nobody flushed it.");
        require(same_items(*found, items),
                "The session holds " + to_text(*found) + ", but acknowledged was " + to_text(items) + ".");
    }
    auto const keys = stage_.take_keys();
    for (auto const& key : keys)
        require(std::find(expected.begin(), expected.end(), key) != expected.end() || !stage_.read(key),
                key == scene.key
                    ? "The old key lives although the session was flushed or moved or has expired."
                    : "A key lives that nobody was told.");
    stage_.erase(keys);
}

template <class Stage>
void SessionSchedules<Stage>::check_interruptions(Scene const& scene, std::vector<RequestKind> const& kinds)
{
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        auto const& outcome = scene.outcomes[i];
        bool ended = false;
        for (std::size_t j = 0; j < kinds.size(); ++j)
            ended = ended ||
                    (j != i && scene.outcomes[j].done && !scene.outcomes[j].came_late && ends_key(kinds[j]));
        require(ended || !(outcome.interrupted || outcome.came_late),
                client_name(i) + " found the session ended, but nobody had ended it.");
    }
}

/// Who came after the end of the session has one of its own, with nothing of the old one.
template <class Stage>
void SessionSchedules<Stage>::check_late(Scene const& scene, std::vector<RequestKind> const& kinds,
                                         std::vector<SessionKey>& expected)
{
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        auto const& outcome = scene.outcomes[i];
        if (!outcome.came_late || !outcome.key)
            continue;
        require(!(*outcome.key == scene.key), client_name(i) + " adopted a key that was dead.");
        Dict items;
        act_on_dict(kinds[i], items, i);
        auto const found = stage_.read(*outcome.key);
        require(found && same_items(*found, items),
                client_name(i) + " began a new session, which holds something else than its own changes.");
        expected.push_back(*outcome.key);
    }
}

} // namespace cloakroom::inline v0::testing

#endif
