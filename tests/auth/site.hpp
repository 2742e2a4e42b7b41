// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_AUTH_SITE_HPP
#define CLOAKROOM_TESTS_AUTH_SITE_HPP

// A site with users, whose sessions a server or the browser keeps, and whose clock the test moves.

#include <cloakroom/auth/backend.hpp>
#include <cloakroom/auth/memory_revocation.hpp>
#include <cloakroom/auth/memory_users.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/signed_cookie.hpp>
#include <cloakroom/testing/manual_clock.hpp>
#include <cloakroom/testing/md5_passwords.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

namespace auth_tests {

namespace cr = cloakroom;
namespace auth = cr::auth;
using namespace std::chrono_literals;

using OnServer = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;
using InBrowser = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, cr::signer::Hmac>;

/// Counts the work for each password.
struct Md5 : cr::testing::Md5Passwords {
    std::string encode(std::string_view password) const
    {
        ++*work;
        return cr::testing::Md5Passwords::encode(password);
    }
    bool verify(std::string_view password, std::string_view encoded) const
    {
        ++*work;
        return cr::testing::Md5Passwords::verify(password, encoded);
    }
    std::shared_ptr<int> work = std::make_shared<int>(0);
};
using Passwords = auth::Passwords<Md5>;

/// A site with ann and bob, whose password is "pw".
template <class SessionType, class Revocation = auth::MemoryRevocation>
struct Site {
    using Session = SessionType;
    using Accounts = auth::Backend<Session, auth::MemoryUsers, Revocation, Passwords>;

    explicit Site(auth::AuthSettings const& settings = {}, cr::Settings const& cookies = {})
        : sessions{{}, {}, cr::signer::Hmac{"key"}, cookies},
          accounts{sessions, users, revocation, "key", settings, Passwords{md5}}
    {
        sessions.clock(clock);
    }

    auth::User make(std::string const& name)
    {
        return *users.create({.username = name, .password = md5.encode("pw")});
    }
    auth::User now(auth::User const& user) { return *users.find(user.id); }

    /// A new browser that logs in: the key or ticket that it has from then on.
    cr::SessionKey log_in(auth::User const& user, auth::LoginOptions const& options = {})
    {
        Session session{sessions};
        REQUIRE(accounts.login(session, user, options));
        session.save();
        clock.advance(1s);
        return *session.session_key();
    }
    /// A request of that browser: who is logged in.
    std::optional<auth::User> who(cr::SessionKey const& key)
    {
        Session session{sessions, key};
        return accounts.get_user(session);
    }
    std::string handle_of(cr::SessionKey const& key)
    {
        Session session{sessions, key};
        return session.template get<std::string>(auth::item::device).value_or("");
    }

    Md5 md5;
    cr::testing::ManualClock clock;
    auth::MemoryUsers users;
    Revocation revocation;
    typename Session::Backend sessions;
    Accounts accounts;
    auth::User ann = make("ann");
    auth::User bob = make("bob");
};

/// What both kinds of session do alike.
using Sites = std::tuple<Site<OnServer>, Site<InBrowser>>;

} // namespace auth_tests

#endif
