// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_BACKEND_HPP
#define CLOAKROOM_AUTH_BACKEND_HPP

#include <cloakroom/auth/auth_settings.hpp>
#include <cloakroom/auth/csrf.hpp>
#include <cloakroom/auth/level.hpp>
#include <cloakroom/auth/logins.hpp>
#include <cloakroom/auth/password.hpp>
#include <cloakroom/auth/revocation.hpp>
#include <cloakroom/auth/session_auth_hash.hpp>
#include <cloakroom/auth/session_items.hpp>
#include <cloakroom/auth/user_store.hpp>
#include <cloakroom/core/constant_time.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/secret.hpp>
#include <cloakroom/http/middleware.hpp>
#include <cloakroom/session/read_only_session.hpp>
#include <cloakroom/session/session.hpp>

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::auth {

/// Django's django.contrib.auth for sessions of one type: who is who, who is logged in, and how that ends.
///
///     auth::SqliteUsers users{"db.sqlite3"};           // Django's auth_user table; any UserStorePolicy
///     auth::SqliteRevocation revocation{"db.sqlite3"}; // or MemoryRevocation, or auth::no_revocation
///     auth::Backend accounts{backend, users, revocation, secret_key, {.max_sessions = 5}};
///
///     if (auto const user = accounts.authenticate(form.name, form.password))
///         accounts.login(session, *user, {.user_agent = request.user_agent, .csrf = &csrf});
///
///     if (auto const user = accounts.get_user(session)) // in any request
///         ...
///     accounts.logout(session);
///
/// Nothing here but the functions that say so saves the session: the middleware does, when it is closed.
/// Made once, neither copied nor moved, used by all threads at a time; the parts that it was given outlive
/// it. Everything throws StorageError when a store is broken: nobody is logged in then (R40).
template <http::SessionType Session, UserStorePolicy Users, RevocationOrNone Revocation = NoRevocation,
          class Hashers = DjangoPasswords>
class Backend {
    static constexpr bool has_revocation = !revocation_detail::is_none<Revocation>;

public:
    using User = typename Users::User;
    using Sessions = typename Session::Backend;
    using RevocationArgument = std::conditional_t<has_revocation, Revocation&, Revocation>;

    /// `key` is the site's secret, Django's SECRET_KEY. Throws ImproperlyConfigured naming the setting.
    Backend(Sessions& sessions, Users& users, RevocationArgument revocation, Secret const& key,
            AuthSettings const& settings = {}, Hashers passwords = Hashers{})
        : sessions_{&sessions},
          users_{&users},
          hash_{key, settings.fallback_keys},
          logins_{has_revocation ? std::addressof(revocation) : nullptr, settings},
          settings_{checked(settings)},
          passwords_{std::move(passwords)}
    {
    }
    Backend(Backend const&) = delete;
    Backend& operator=(Backend const&) = delete;
    ~Backend() = default;

    Hashers const& passwords() const noexcept { return passwords_; }
    AuthSettings const& settings() const noexcept { return settings_; }
    Sessions& session_backend() const noexcept { return *sessions_; }

    // ---- who is who ----

    /// The user with that name and password, unless inactive (S-660). For a name that nobody has it takes as
    /// long as for a field of the preferred make (S-662). A field of an older make is encoded anew, which
    /// ends the user's other sessions, as in Django (S-710). Throws MalformedPassword for a field that cannot
    /// be read.
    std::optional<User> authenticate(std::string_view name, std::string_view password);

    /// Gives the user a new password: whether it was done, that is if nobody else has set one since `user`
    /// was read. All sessions of the user end; change_password() keeps one. Where somebody else than the user
    /// does it, end_all() belongs beside it: the sessions are dead without, and stay on the list of devices
    /// until their time has come. Throws ValueError for a password that cannot be encoded.
    bool set_password(User& user, std::string_view password);

    /// The same for a user who does it in this session, which goes on under a new key while the others end
    /// (R14). The key moves first: other requests of the same browser cannot take the session for an ended
    /// one.
    bool change_password(Session& session, User& user, std::string_view password);

    // ---- who is logged in ----

    /// Logs the user in (S-652). An anonymous session moves to a new key with its data. Another user's
    /// session, or an ended one of this user, is flushed first, so that nothing of it is inherited. A user
    /// who is logged in already keeps the data, and the key unless the level rises (R6, R17). False, with
    /// nobody new logged in, when the user has max_sessions and AtLimit::deny is set. Where it throws, the
    /// session is logged in no more than before.
    bool login(Session& session, User const& user, LoginOptions const& options = {});

    /// Ends the session: in the revocation's books, in its storage, and in this object (S-658). Where the
    /// browser keeps the session and nothing is listed, all sessions of the user end.
    void logout(Session& session);

    /// Who is logged in (S-654, S-655); asks the stores each time. A session whose user is gone or inactive,
    /// or whose backend is not ours, is nobody's and stays as it is. One that was ended, or whose password
    /// was changed since, is flushed. One under a fallback key gets a new key and the current hash.
    std::optional<User> get_user(Session& session);

    /// The same for a session that can only be looked at, such as a WebSocket's: nothing is flushed, moved or
    /// noted as seen. The stores are asked each time; what the session itself holds is as old as its last
    /// refresh(), which belongs before this where the session may have ended meanwhile.
    std::optional<User> get_user(ReadOnlySession<Session>& session);

    /// Keeps this session alive after its user's password was changed, under a new key (S-657). The others
    /// end by that change, and leave the list of devices here (R14). `user` has the new password field.
    /// Between the change and this call another request of the same browser may find the session ended:
    /// then this throws SessionInterrupted. Where the password is changed here, change_password() has no such
    /// gap.
    void update_session_auth_hash(Session& session, User const& user);

    // ---- the sessions of a user: needs a revocation ----
    //
    // A session that Django logged in holds no epoch. Once end_others(), end_all() or end_all_users() has
    // made one for its user, it is ended, and so is each that Django logs in later.

    /// The user's sessions, the one seen last first; `session` is marked (R16). The handle of a device may be
    /// shown to its user; it opens nothing. What a browser said of itself has to be escaped.
    std::vector<Device> sessions(User const& user, Session& session)
    {
        std::vector<Device> devices;
        if constexpr (can_list()) {
            devices = logins_.revocation().list(user.id, sessions_->now());
            auto const mine = logins_.handle(session);
            for (auto& device : devices)
                device.is_this = device.handle == mine;
        }
        return devices;
    }

    /// Ends one session of the user: whether there was one of that handle. Its next request finds nobody
    /// logged in.
    bool end(User const& user, std::string_view handle)
    {
        if constexpr (can_list())
            return logins_.revocation().remove(user.id, handle);
    }

    /// Ends all sessions of the session's user but this one, which moves to a new key (R14). False when
    /// nobody is logged in here.
    bool end_others(Session& session)
    {
        if constexpr (can_end()) {
            auto const user = get_user(session);
            return user && logins_.stay_alone(session, user->id);
        }
    }

    /// Ends all sessions of the user (R13).
    void end_all(User const& user)
    {
        if constexpr (can_end())
            logins_.revocation().bump(user.id, sessions_->now());
    }

    /// Ends all sessions of all users (R15).
    void end_all_users()
    {
        if constexpr (can_end())
            logins_.revocation().bump_all(sessions_->now());
    }

private:
    static AuthSettings checked(AuthSettings settings)
    {
        check_auth_settings(settings);
        if (settings.max_sessions != 0 && !DeviceListPolicy<Revocation>)
            throw ImproperlyConfigured{"cloakroom::auth::AuthSettings::max_sessions: needs a revocation with "
                                       "a list of devices, such as auth::SqliteRevocation"};
        return settings;
    }
    static constexpr bool can_end()
    {
        static_assert(
            has_revocation,
            "cloakroom: only a revocation can end a user's sessions; give auth::Backend one, such as "
            "auth::SqliteRevocation");
        return has_revocation;
    }
    static constexpr bool can_list()
    {
        constexpr auto has_list = DeviceListPolicy<Revocation>; // of the concept itself g++ tells a page
        static_assert(
            has_list,
            "cloakroom: only a revocation with a list of devices knows a user's sessions one by one; "
            "give auth::Backend one, such as auth::SqliteRevocation");
        return has_list;
    }
    std::optional<User> with_upgraded_password(User const& user, std::string_view password);
    void end_session(Session& session);
    bool has_hash_of_password(Session& session, std::string_view id);
    void use_current_hash(Session& session, User const& user);
    void keep_alone(Session& session, User const& user);

    Sessions* sessions_;
    Users* users_;
    SessionAuthHash hash_;
    Logins<Revocation> logins_;
    AuthSettings settings_;
    Hashers passwords_;

    // Last, because clang ignores whatever of a class follows an assertion that fails, and would miss it.
    static_assert(!is_kept_by_browser<Session> || !std::same_as<Revocation, NoRevocation>,
                  "cloakroom: nobody can log out of a session that the browser keeps, because copies of its "
                  "cookie stay good; give auth::Backend a revocation, such as auth::SqliteRevocation, or say "
                  "auth::accept_replay");
    // What is almost there would never be called.
    static constexpr auto lists_well =
        !revocation_detail::is_meant_to_list<Revocation> || DeviceListPolicy<Revocation>;
    static_assert(lists_well, "cloakroom: this revocation has a list of devices that auth::DeviceListPolicy "
                              "does not take; testing::explain<>() of testing/explain.hpp tells why");
    static constexpr auto notes_well = !user_store_detail::is_meant_to_note<Users> || LastLoginPolicy<Users>;
    static_assert(notes_well, "cloakroom: a user store that notes log-ins needs void "
                              "set_last_login(std::string_view id, TimePoint now)");
};

template <class Storage, class Serializer, class Signer, class Users, class Revocation>
Backend(cloakroom::Backend<Storage, Serializer, Signer>&, Users&, Revocation&, Secret const&,
        AuthSettings const& = {})
    -> Backend<cloakroom::Session<Storage, Serializer, Signer>, Users, std::remove_const_t<Revocation>>;
template <class Storage, class Serializer, class Signer, class Users, class Revocation, class Hashers>
Backend(cloakroom::Backend<Storage, Serializer, Signer>&, Users&, Revocation&, Secret const&,
        AuthSettings const&, Hashers) -> Backend<cloakroom::Session<Storage, Serializer, Signer>, Users,
                                                 std::remove_const_t<Revocation>, Hashers>;

template <http::SessionType Session, UserStorePolicy Users, RevocationOrNone Revocation, class Hashers>
auto Backend<Session, Users, Revocation, Hashers>::authenticate(std::string_view name,
                                                                std::string_view password)
    -> std::optional<User>
{
    auto user = users_->find_by_name(name);
    if (!user) {
        passwords_.check_nobody(password);
        return std::nullopt;
    }
    auto const check = passwords_.check_password(password, user->password);
    if (!check || !user->is_active)
        return std::nullopt;
    return check.must_update ? with_upgraded_password(*user, password) : std::move(user);
}

/// The user as stored afterwards. If somebody else was faster, theirs stays, and the password has to be right
/// for it.
template <http::SessionType Session, UserStorePolicy Users, RevocationOrNone Revocation, class Hashers>
auto Backend<Session, Users, Revocation, Hashers>::with_upgraded_password(User const& user,
                                                                          std::string_view password)
    -> std::optional<User>
{
    std::string field;
    try {
        field = passwords_.make_password(password);
    } catch (ValueError const&) {
        return user; // the older field takes this password, the preferred one does not
    }
    users_->set_password(user.id, user.password, field);
    auto current = users_->find(user.id);
    if (!current || !current->is_active)
        return std::nullopt;
    std::string_view const stored = current->password;
    if (stored != field && !passwords_.check_password(password, stored))
        return std::nullopt;
    return current;
}

template <http::SessionType Session, UserStorePolicy Users, RevocationOrNone Revocation, class Hashers>
bool Backend<Session, Users, Revocation, Hashers>::set_password(User& user, std::string_view password)
{
    auto field = passwords_.make_password(password);
    if (!users_->set_password(user.id, user.password, field))
        return false;
    user.password = std::move(field);
    return true;
}

template <http::SessionType Session, UserStorePolicy Users, RevocationOrNone Revocation, class Hashers>
bool Backend<Session, Users, Revocation, Hashers>::login(Session& session, User const& user,
                                                         LoginOptions const& options)
{
    std::string_view const id = user.id;
    auto const hash = hash_(user.password);
    auto const is_somebodys = session.contains(item::user_id);
    auto const stays = text_item(session, item::user_id) == id &&
                       constant_time_equal(hash, text_item(session, item::hash).value_or("")) &&
                       logins_.is_alive(session, id);
    if (is_somebodys && !stays)
        end_session(session);

    auto entry = std::optional<typename Logins<Revocation>::Entry>{};
    if (!stays || !logins_.is_entered(session)) {
        entry = logins_.enter(session, id, options);
        if (!entry)
            return false;
    }
    // What may fail comes before anything new is in the session: the old key is then still nobody's, or as
    // low as it was.
    try {
        if constexpr (LastLoginPolicy<Users>)
            users_->set_last_login(id, sessions_->now());
        auto const rises = stays && level(session) < options.level;
        if (!is_somebodys || rises || (stays && settings_.cycle_key_at_each_login))
            session.cycle_key();
        if (options.csrf != nullptr)
            options.csrf->rotate();
        else
            session.erase(CsrfSecret::item_name);
    } catch (...) {
        if (entry)
            logins_.forget(id, *entry);
        throw;
    }
    session[item::user_id] = std::string{id};
    session[item::backend] = settings_.backend;
    session[item::hash] = hash;
    session[item::authenticated] = sessions_->now().time_since_epoch().count();
    if (options.level > Aal::aal1)
        session[item::level] = static_cast<int>(options.level);
    else
        session.erase(item::level);
    if (entry)
        logins_.write(session, *entry);
    if (options.expiry)
        session.set_expiry(*options.expiry);
    return true;
}

template <http::SessionType Session, UserStorePolicy Users, RevocationOrNone Revocation, class Hashers>
void Backend<Session, Users, Revocation, Hashers>::logout(Session& session)
{
    end_session(session);
}

/// Here and in the books, in both even if one of them fails.
template <http::SessionType Session, UserStorePolicy Users, RevocationOrNone Revocation, class Hashers>
void Backend<Session, Users, Revocation, Hashers>::end_session(Session& session)
{
    try {
        if (auto const id = text_item(session, item::user_id))
            logins_.leave(session, *id, [&] { return has_hash_of_password(session, *id); });
    } catch (...) {
        session.flush();
        throw;
    }
    session.flush();
}

/// What a new password has ended is nobody's session.
template <http::SessionType Session, UserStorePolicy Users, RevocationOrNone Revocation, class Hashers>
bool Backend<Session, Users, Revocation, Hashers>::has_hash_of_password(Session& session, std::string_view id)
{
    auto const user = users_->find(id);
    return user &&
           hash_.verify(user->password, text_item(session, item::hash).value_or("")) != SessionAuth::wrong;
}

template <http::SessionType Session, UserStorePolicy Users, RevocationOrNone Revocation, class Hashers>
auto Backend<Session, Users, Revocation, Hashers>::get_user(Session& session) -> std::optional<User>
{
    auto const id = text_item(session, item::user_id);
    if (!id || text_item(session, item::backend) != settings_.backend)
        return std::nullopt;
    auto user = users_->find(*id);
    if (!user || !user->is_active)
        return std::nullopt;
    auto const answer = hash_.verify(user->password, text_item(session, item::hash).value_or(""));
    // One whose password was changed stays in the books: this may be an old copy of a session that another
    // request has just moved on, under the same entry.
    if (answer == SessionAuth::wrong || !logins_.see(session, user->id)) {
        session.flush();
        return std::nullopt;
    }
    if (answer == SessionAuth::fallback)
        use_current_hash(session, *user);
    return user;
}

template <http::SessionType Session, UserStorePolicy Users, RevocationOrNone Revocation, class Hashers>
auto Backend<Session, Users, Revocation, Hashers>::get_user(ReadOnlySession<Session>& session)
    -> std::optional<User>
{
    auto const id = text_item(session, item::user_id);
    if (!id || text_item(session, item::backend) != settings_.backend)
        return std::nullopt;
    auto user = users_->find(*id);
    if (!user || !user->is_active ||
        hash_.verify(user->password, text_item(session, item::hash).value_or("")) == SessionAuth::wrong ||
        !logins_.is_alive(session, user->id))
        return std::nullopt;
    return user;
}

/// Of several requests at once one moves the session; the others leave it to that one.
template <http::SessionType Session, UserStorePolicy Users, RevocationOrNone Revocation, class Hashers>
void Backend<Session, Users, Revocation, Hashers>::use_current_hash(Session& session, User const& user)
{
    try {
        session.cycle_key();
    } catch (SessionInterrupted const&) {
        return;
    }
    session[item::hash] = hash_(user.password);
}

template <http::SessionType Session, UserStorePolicy Users, RevocationOrNone Revocation, class Hashers>
void Backend<Session, Users, Revocation, Hashers>::update_session_auth_hash(Session& session,
                                                                            User const& user)
{
    session.cycle_key();
    keep_alone(session, user);
}

template <http::SessionType Session, UserStorePolicy Users, RevocationOrNone Revocation, class Hashers>
bool Backend<Session, Users, Revocation, Hashers>::change_password(Session& session, User& user,
                                                                   std::string_view password)
{
    session.cycle_key();
    if (!set_password(user, password))
        return false;
    keep_alone(session, user);
    return true;
}

/// The session's hash becomes that of the user's password, which has ended the others.
template <http::SessionType Session, UserStorePolicy Users, RevocationOrNone Revocation, class Hashers>
void Backend<Session, Users, Revocation, Hashers>::keep_alone(Session& session, User const& user)
{
    if (text_item(session, item::user_id) != std::string_view{user.id})
        return;
    session[item::hash] = hash_(user.password);
    logins_.forget_others(session, user.id);
}

} // namespace cloakroom::inline v0::auth

#endif
