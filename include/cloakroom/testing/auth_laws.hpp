// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_AUTH_LAWS_HPP
#define CLOAKROOM_TESTING_AUTH_LAWS_HPP

#include <cloakroom/auth/backend.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/testing/interleave.hpp>
#include <cloakroom/testing/law.hpp>
#include <cloakroom/testing/manual_clock.hpp>
#include <cloakroom/testing/md5_passwords.hpp>
#include <cloakroom/testing/scheduled_accounts.hpp>
#include <cloakroom/testing/storage_story.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::testing {

/// How much auth_laws walks through.
struct AuthLawOptions {
    /// How many requests run at once: 2, or also 3.
    std::size_t clients = 2;
    /// Stop each combination of requests after that many schedules; 0 walks all.
    std::size_t limit = 0;
    /// AuthSettings::list_devices.
    bool list_devices = true;
    /// How far the clock goes on at each reading.
    Duration tick = std::chrono::seconds{1};
};

/// What was walked: combinations of requests, and schedules of these.
struct AuthLawReport {
    std::size_t combinations = 0;
    std::size_t schedules = 0;
    /// Whether every schedule of every combination was walked.
    bool complete = true;
};

/// Nobody whom a revocation has ended is alive, whatever runs at the same time:
///
///     auth_laws([] { return MyStorage{...}; }, [] { return MyRevocation{...}; });
///
/// A user is logged in on two devices. Requests log in, log out, read, save, log in again, log somebody else
/// in, change the password, end one session, all others, all, or all of all users, side by side in every
/// order of their calls to storage, user store and revocation. Afterwards a session that was ended by then is
/// nobody's, the copy of a cookie from before as well; one that nobody ended is alive; and another user
/// inherits nothing.
///
/// Both functions give their object by value, or a reference to one that lives long enough. Throws LawBroken
/// with the requests and the schedule.
template <class MakeStorage, class MakeRevocation>
AuthLawReport auth_laws(MakeStorage make_storage, MakeRevocation make_revocation,
                        AuthLawOptions options = {});

namespace auth_laws_detail {

enum class Kind {
    log_in, ///< on a third device
    read,   ///< the rest on the first one, but for end_first and end_all
    save,
    log_out,
    log_in_again,
    log_in_other, ///< the other user, on the same device
    change_password,
    end_others,
    end_first,
    end_all,
    end_all_users,
};

inline constexpr std::array every_kind{Kind::log_in,          Kind::read,         Kind::save,
                                       Kind::log_out,         Kind::log_in_again, Kind::log_in_other,
                                       Kind::change_password, Kind::end_others,   Kind::end_first,
                                       Kind::end_all,         Kind::end_all_users};

inline char const* to_text(Kind kind)
{
    constexpr char const* texts[] = {"logs in elsewhere",
                                     "reads",
                                     "saves",
                                     "logs out",
                                     "logs in again",
                                     "logs somebody else in",
                                     "changes the password",
                                     "ends the others",
                                     "ends the first device",
                                     "ends all",
                                     "ends all of all users"};
    return texts[static_cast<std::size_t>(kind)];
}

template <class Storage>
struct Turning {
    using Type = Storage; // makes no calls that could wait
};
template <StoragePolicy Storage>
struct Turning<Storage> {
    using Type = WatchedStorage<Storage>;
};

inline bool is_end_of_all(Kind kind)
{
    return kind == Kind::end_all || kind == Kind::end_all_users;
}

/// What a client did, and when, in steps of all clients.
struct Outcome {
    Kind kind{};
    std::size_t begin = std::numeric_limits<std::size_t>::max();
    std::size_t end = std::numeric_limits<std::size_t>::max();
    bool done = false;     ///< acknowledged: everything was answered as hoped for
    bool is_known = false; ///< read: somebody was logged in
    std::optional<SessionKey> key{};
};

struct Scene {
    auth::User ann;
    auth::User bob;
    SessionKey first;
    SessionKey second;
    std::string first_handle;
    std::size_t steps = 0;
    std::vector<Outcome> outcomes{};
};

template <class Storage, auth::RevocationPolicy Inner>
class Stage {
public:
    using Session = cloakroom::Session<typename Turning<Storage>::Type, serializer::Json, signer::Hmac>;
    using Revocation = ScheduledRevocation<Inner>;
    using Accounts = auth::Backend<Session, ScheduledUsers, Revocation, auth::Passwords<Md5Passwords>>;

    Stage(Storage storage, Inner& revocation, AuthLawOptions const& options)
        : options_{options},
          revocation_{revocation},
          sessions_{typename Turning<Storage>::Type{std::move(storage)}, {}, signer::Hmac{"a key for laws"}},
          accounts_{sessions_,
                    users_,
                    revocation_,
                    "a key for laws",
                    {.list_devices = options.list_devices, .seen_interval = Duration::zero()}}
    {
        sessions_.clock([clock = clock_, tick = options.tick] {
            clock.advance(tick);
            return clock();
        });
    }

    /// Whether log-ins are listed.
    static constexpr bool can_list = auth::DeviceListPolicy<Inner>;
    bool lists() const { return can_list && options_.list_devices; }

    InterleaveReport walk(std::vector<Kind> const& kinds);

private:
    Scene begin(std::vector<Kind> const& kinds);
    SessionKey log_in(auth::User const& user);
    void run(Scene& scene, Outcome& outcome);
    void act(Scene& scene, Outcome& outcome);
    void check(Scene const& scene);
    void check_other(Scene const& scene, Outcome const& mine);
    void check_first(Scene const& scene);
    void check_log_in(Scene const& scene, Outcome const& mine);
    std::optional<auth::User> who(SessionKey const& key)
    {
        Session session{sessions_, key};
        return accounts_.get_user(session);
    }
    /// Whether it ends what other devices of the user have.
    bool ends_others(Kind kind) const
    {
        return is_end_of_all(kind) || kind == Kind::end_others || kind == Kind::change_password;
    }
    /// Whether it may do so.
    bool may_end_others(Kind kind) const
    {
        return ends_others(kind) || (auth::is_kept_by_browser<Session> && !lists() &&
                                     (kind == Kind::log_out || kind == Kind::log_in_other));
    }
    /// Whether the first device's cookie of the beginning is worth nothing afterwards.
    static bool ends_first(Kind kind) { return kind > Kind::save && kind != Kind::log_in_again; }

    AuthLawOptions options_;
    ManualClock clock_{};
    ScheduledUsers users_;
    Revocation revocation_;
    typename Session::Backend sessions_;
    Accounts accounts_;
    std::size_t scenes_ = 0;
};

template <class Storage, auth::RevocationPolicy Inner>
InterleaveReport Stage<Storage, Inner>::walk(std::vector<Kind> const& kinds)
{
    std::string requests;
    std::vector<std::function<void(Scene&)>> clients;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        clients.push_back([this, i](Scene& scene) { run(scene, scene.outcomes[i]); });
        requests += (i == 0 ? "" : ", ") + client_name(i) + " " + to_text(kinds[i]);
    }
    try {
        auto const report = for_each_interleaving(
            [&] { return begin(kinds); }, clients,
            [&](Scene const& scene, InterleavedRun const&) { check(scene); }, {.limit = options_.limit});
        if constexpr (StoragePolicy<Storage>)
            sessions_.storage().clear_expired(latest_time, std::numeric_limits<std::size_t>::max());
        return report;
    } catch (LawBroken const& broken) {
        throw LawBroken{requests + ": " + broken.what()};
    }
}

template <class Storage, auth::RevocationPolicy Inner>
Scene Stage<Storage, Inner>::begin(std::vector<Kind> const& kinds)
{
    auto const name = std::to_string(++scenes_);
    auto const make = [&](std::string const& who) {
        return *users_.inner().create({.username = who + name, .password = Md5Passwords{}.encode("old")});
    };
    auto ann = make("ann");
    auto bob = make("bob");
    auto first = log_in(ann);
    auto second = log_in(ann);
    Session session{sessions_, first};
    auto handle = session.template get<std::string>(auth::item::device).value_or("");
    Scene scene{std::move(ann), std::move(bob), std::move(first), std::move(second), std::move(handle)};
    for (auto const kind : kinds)
        scene.outcomes.push_back({.kind = kind});
    if constexpr (StoragePolicy<Storage>)
        sessions_.storage().watch(scene.first);
    return scene;
}

template <class Storage, auth::RevocationPolicy Inner>
SessionKey Stage<Storage, Inner>::log_in(auth::User const& user)
{
    Session session{sessions_};
    session["diary"] = "mine";
    accounts_.login(session, user);
    session.save();
    return *session.session_key();
}

template <class Storage, auth::RevocationPolicy Inner>
void Stage<Storage, Inner>::run(Scene& scene, Outcome& outcome)
{
    interleave_point("begins");
    outcome.begin = ++scene.steps;
    try {
        act(scene, outcome);
    } catch (SessionInterrupted const&) { // somebody else ended or moved the session; check() says who may
        outcome.done = false;
    }
    outcome.end = ++scene.steps;
}

template <class Storage, auth::RevocationPolicy Inner>
void Stage<Storage, Inner>::act(Scene& scene, Outcome& outcome)
{
    auto const finish = [&](Session& session) {
        session.save();
        outcome.key = session.session_key();
        outcome.done = true;
    };
    if (is_end_of_all(outcome.kind)) {
        outcome.kind == Kind::end_all ? accounts_.end_all(scene.ann) : accounts_.end_all_users();
        outcome.done = true;
        return;
    }
    if (outcome.kind == Kind::end_first) {
        if constexpr (can_list)
            outcome.done = accounts_.end(scene.ann, scene.first_handle);
        return;
    }
    if (outcome.kind == Kind::log_in) {
        Session session{sessions_};
        accounts_.login(session, *users_.find(scene.ann.id));
        return finish(session);
    }
    Session session{sessions_, scene.first};
    switch (outcome.kind) {
    case Kind::read:
        outcome.is_known = accounts_.get_user(session).has_value();
        outcome.done = true;
        return;
    case Kind::save:
        session["read"] = 1;
        return finish(session);
    case Kind::log_out:
        accounts_.logout(session);
        outcome.done = true;
        return;
    case Kind::log_in_again:
        accounts_.login(session, *users_.find(scene.ann.id));
        return finish(session);
    case Kind::log_in_other:
        accounts_.login(session, scene.bob);
        return finish(session);
    case Kind::change_password: {
        auto user = accounts_.get_user(session);
        if (!user || !accounts_.set_password(*user, "new"))
            return;
        accounts_.update_session_auth_hash(session, *user);
        if (session.contains(auth::item::user_id))
            finish(session);
        return;
    }
    default:
        if (accounts_.end_others(session))
            finish(session);
    }
}

template <class Storage, auth::RevocationPolicy Inner>
void Stage<Storage, Inner>::check(Scene const& scene)
{
    check_first(scene);

    Outcome elsewhere{.kind = Kind::log_in, .begin = 0, .end = 0, .done = true, .key = scene.second};
    check_log_in(scene, elsewhere);
    for (auto const& outcome : scene.outcomes) {
        if (!outcome.done || !outcome.key)
            continue;
        if (outcome.kind == Kind::log_in_other) {
            check_other(scene, outcome);
        } else if (outcome.kind != Kind::save) {
            check_log_in(scene, outcome);
        }
    }
}

/// The other user, whom an end of all users ends as well.
template <class Storage, auth::RevocationPolicy Inner>
void Stage<Storage, Inner>::check_other(Scene const& scene, Outcome const& mine)
{
    bool must_be_dead = false;
    bool must_be_alive = true;
    for (auto const& other : scene.outcomes)
        if (other.kind == Kind::end_all_users && other.done) {
            must_be_dead = must_be_dead || other.begin > mine.end;
            must_be_alive = must_be_alive && other.end < mine.begin;
        }
    Session session{sessions_, *mine.key};
    require(!session.contains("diary"), "Another user's data were inherited.");
    auto const user = accounts_.get_user(session);
    require(!must_be_dead || !user, "A log-in that was ended is alive.");
    require(user ? user->id == scene.bob.id : !must_be_alive,
            "Who logged in on another user's device is not logged in.");
}

/// The cookie that the first device had at the beginning, and has after a save.
template <class Storage, auth::RevocationPolicy Inner>
void Stage<Storage, Inner>::check_first(Scene const& scene)
{
    bool is_quiet = true;
    for (auto const& outcome : scene.outcomes) {
        is_quiet = is_quiet && (outcome.kind <= Kind::save);
        if (!outcome.done || !ends_first(outcome.kind))
            continue;
        require(!who(scene.first), "A session that was ended is alive.");
        for (auto const& other : scene.outcomes) {
            require(other.kind != Kind::save || !other.key || !who(*other.key),
                    "A session that was ended is alive again after a save.");
            require(other.kind != Kind::read || other.begin < outcome.end || !other.is_known,
                    "A request that came after the end of the session knew its user.");
        }
    }
    if (!is_quiet)
        return;
    require(who(scene.first).has_value(), "A session that nobody ended is dead.");
    for (auto const& outcome : scene.outcomes)
        require(outcome.done && (outcome.kind != Kind::read || outcome.is_known),
                "A request found its session ended, but nobody had ended it.");
}

/// A log-in, or a session that was to go on, under the key that the request was told.
template <class Storage, auth::RevocationPolicy Inner>
void Stage<Storage, Inner>::check_log_in(Scene const& scene, Outcome const& mine)
{
    auto const is_own = mine.kind == Kind::log_in;
    bool must_be_dead = false;
    bool must_be_alive = true;
    for (auto const& other : scene.outcomes) {
        if (&other == &mine)
            continue;
        // What went on is still what was there before, so that it makes no difference which came first.
        auto const goes_on = mine.kind == Kind::end_others || mine.kind == Kind::change_password;
        auto const ends = goes_on ? is_end_of_all(other.kind) || other.kind == Kind::end_first
                                  : (is_end_of_all(other.kind) || (is_own && ends_others(other.kind))) &&
                                        other.begin > mine.end;
        must_be_dead = must_be_dead || (other.done && ends);
        if (is_own)
            must_be_alive = must_be_alive && (!may_end_others(other.kind) || other.end < mine.begin);
        else
            must_be_alive = must_be_alive && !ends_first(other.kind) && other.kind != Kind::log_in_again;
    }
    auto const user = who(*mine.key);
    require(!must_be_dead || !user, "A log-in that was ended is alive.");
    require(!must_be_alive || (user && user->id == scene.ann.id), "A log-in that nobody ended is dead.");
    require(user.has_value() == who(*mine.key).has_value(),
            "A session is dead in one request and alive in another.");
}

} // namespace auth_laws_detail

template <class MakeStorage, class MakeRevocation>
AuthLawReport auth_laws(MakeStorage make_storage, MakeRevocation make_revocation, AuthLawOptions options)
{
    using namespace auth_laws_detail;
    auto&& revocation = make_revocation();
    Stage<std::remove_cvref_t<std::invoke_result_t<MakeStorage&>>, std::remove_cvref_t<decltype(revocation)>>
        stage{make_storage(), revocation, options};
    std::vector<Kind> kinds;
    for (auto const kind : every_kind)
        if (kind != Kind::end_first || stage.lists())
            kinds.push_back(kind);

    AuthLawReport report;
    auto const walk = [&](std::vector<Kind> const& combination) {
        auto const walked = stage.walk(combination);
        ++report.combinations;
        report.schedules += walked.schedules;
        report.complete = report.complete && walked.complete;
    };
    for (auto const first : kinds)
        for (auto const second : kinds) {
            if (first > second)
                continue;
            walk({first, second});
            for (auto const third : kinds)
                if (options.clients > 2 && second <= third)
                    walk({first, second, third});
        }
    return report;
}

} // namespace cloakroom::inline v0::testing

#endif
