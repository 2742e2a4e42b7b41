// SPDX-License-Identifier: MIT
// The code of docs/coming_from_django.md, as a reader of a tutorial would type it, and what it does.
#include "examples/page.hpp"
#include "support/catch.hpp"

#include <cloakroom.hpp>
#include <cloakroom/testing/manual_clock.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cr = cloakroom;
namespace auth = cr::auth;
using namespace std::chrono_literals;

namespace {

using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;

cr::Secret const secret_key{"a key for these tests alone, 0123456789 abcdefghijklmnop"};

struct Site {
    explicit Site(cr::Settings const& settings = {})
        : backend{cr::storage::Memory{}, {}, cr::signer::Hmac{secret_key}, settings}
    {
        backend.clock(clock);
    }

    cr::testing::ManualClock clock;
    Session::Backend backend;
};

// [settings]
constexpr auto settings = cr::checked({
    .cookie_name = "__Host-shop",         // SESSION_COOKIE_NAME
    .cookie_age = std::chrono::weeks{1},  // SESSION_COOKIE_AGE
    .cookie_secure = true,                // SESSION_COOKIE_SECURE
    .cookie_samesite = cr::SameSite::lax, // SESSION_COOKIE_SAMESITE
    .expire_at_browser_close = false,     // SESSION_EXPIRE_AT_BROWSER_CLOSE
    .save_every_request = false,          // SESSION_SAVE_EVERY_REQUEST
});
// [/settings]

// [keys]
cr::signer::Hmac signer_of_both(cr::Secret const& key, cr::Secret const& old_key)
{
    return cr::signer::Hmac{key, {.fallback_keys = {old_key}}};
}
// [/keys]

// [counter]
int count_visit(Session& session)
{
    session["num_visits"] += 1;
    return session["num_visits"].as<int>();
}
// [/counter]

// [comment]
bool post_comment(Session& session)
{
    if (session.get("has_commented", false))
        return false; // "You've already commented."
    session["has_commented"] = true;
    return true; // "Thanks for your comment!"
}
// [/comment]

// [nested]
void put_into_cart(Session& session, std::string const& article)
{
    session.setdefault("cart", cr::Dict{});
    session["cart"][article] += 1; // nothing else to say: it is saved
}
// [/nested]

// [test_cookie]
void show_form(Session& session)
{
    session.set_test_cookie();
}

bool accept_form(Session& session)
{
    if (!session.test_cookie_worked())
        return false; // "Please enable cookies and try again."
    session.delete_test_cookie();
    return true;
}
// [/test_cookie]

// [expiry]
void end_after_five_minutes(Session& session)
{
    session.set_expiry(5min); // set_expiry(300): counted anew from each save
}

void end_tomorrow(Session& session, cr::TimePoint now)
{
    session.set_expiry(now + 24h); // set_expiry(timedelta(days=1)), or a datetime: at that moment
}

void end_with_the_browser(Session& session)
{
    session.set_expiry(cr::browser_close); // set_expiry(0)
}

void end_as_the_settings_say(Session& session)
{
    session.set_expiry(cr::global_policy); // set_expiry(None)
}
// [/expiry]

} // namespace

TEST_CASE("coming from Django: a session is used like a dictionary")
{
    Site site;
    Session session{site.backend};

    // [dictionary]
    session["fav_color"] = "blue";
    session["sizes"] = std::vector{36, 38};

    auto const color = session["fav_color"].as<std::string>(); // KeyError where it is missing
    auto const shown = session.get("fav_color", "red");        // "red" where it is missing
    auto const size = session.get<int>("size");                // an optional: nothing here

    bool const known = session.contains("fav_color"); // "fav_color" in request.session
    session.erase("fav_color");                       // del, which says whether it was there
    auto const first = session.setdefault("language", "en");
    session.update({{"name", "Ada"}, {"dark", true}});
    auto const name = session.pop("name", "nobody");
    // [/dictionary]

    CHECK(color == "blue");
    CHECK(shown == "blue");
    CHECK(size == std::nullopt);
    CHECK(known);
    CHECK(!session.contains("fav_color"));
    CHECK(first == cr::Value{"en"});
    CHECK(name == "Ada");
    CHECK(session.keys() == std::vector<std::string>{"sizes", "language", "dark"});
    CHECK_THROWS_AS(session["fav_color"].as<std::string>(), cr::KeyError);
    CHECK(session.get("fav_color", "red") == "red");
    CHECK(session.get<std::vector<int>>("sizes") == std::vector{36, 38});
}

TEST_CASE("coming from Django: views count visits, remember a comment and fill a cart")
{
    Site site;
    Session session{site.backend};
    CHECK(count_visit(session) == 1);
    CHECK(count_visit(session) == 2);
    CHECK(post_comment(session));
    CHECK_FALSE(post_comment(session));
    put_into_cart(session, "hat");
    session.save();

    Session next{site.backend, session.session_key()};
    put_into_cart(next, "hat");
    CHECK(next.modified());
    next.save();

    Session last{site.backend, session.session_key()};
    CHECK(last["cart"]["hat"].as<int>() == 2);
    CHECK(count_visit(last) == 3);
}

TEST_CASE("coming from Django: the test cookie says whether a browser keeps cookies")
{
    Site site;
    Session first{site.backend};
    CHECK_FALSE(accept_form(first));
    show_form(first);
    first.save();

    Session without_cookie{site.backend};
    CHECK_FALSE(accept_form(without_cookie));
    Session with_cookie{site.backend, first.session_key()};
    CHECK(accept_form(with_cookie));
    CHECK_FALSE(with_cookie.contains("testcookie"));
}

TEST_CASE("coming from Django: each way to say when a session ends")
{
    Site site;
    Session session{site.backend};
    session["visit"] = 1;
    CHECK(session.get_expiry_age() == std::chrono::weeks{2});

    end_after_five_minutes(session);
    CHECK(session.get_expiry_age() == 5min);
    CHECK(session.get_expiry_date() == site.clock() + 5min);

    end_tomorrow(session, site.clock());
    site.clock.advance(1h);
    CHECK(session.get_expiry_age() == 23h);

    end_with_the_browser(session);
    CHECK(session.get_expire_at_browser_close());
    CHECK(session.get_expiry_age() == std::chrono::weeks{2});

    end_as_the_settings_say(session);
    CHECK_FALSE(session.get_expire_at_browser_close());
    CHECK_FALSE(session.contains("_session_expiry"));
}

TEST_CASE("coming from Django: settings are checked, and an old key still opens what it signed")
{
    CHECK(settings.cookie_age == 168h);
    CHECK(cr::settings_problem(settings).empty());

    auto const message = std::string{"sent with a link"};
    auto const old_text =
        cr::signer::Hmac{"the old key of the site"}.bind("x").sign(message, cr::system_now());
    auto const both = signer_of_both(secret_key, "the old key of the site").bind("x");
    CHECK(*both.unsign(old_text, cr::system_now(), 1h) == message);
    auto const only_new = cr::signer::Hmac{secret_key}.bind("x");
    CHECK_FALSE(only_new.unsign(old_text, cr::system_now(), 1h));
}

TEST_CASE("coming from Django: sessions outside of views")
{
    Site site;
    auto& backend = site.backend;

    // [outside]
    Session session{backend};
    session["last_login"] = 1'376'587'691;
    session.create();
    auto const key = *session.session_key(); // has no operator<<: it opens the session

    Session again{backend, key};
    auto const last_login = again["last_login"].as<int>();
    bool const exists = again.exists(key.reveal());
    again.delete_record();
    // [/outside]

    CHECK(last_login == 1'376'587'691);
    CHECK(exists);
    CHECK_FALSE(again.exists(key.reveal()));
    CHECK(Session{backend, key}.get("last_login") == std::nullopt);
}

TEST_CASE("coming from Django: expired sessions are cleared")
{
    Site site;
    auto& backend = site.backend;
    for (auto const age : {1min, 3min, 60min}) {
        Session session{backend};
        session.set_expiry(age);
        session.save();
    }
    site.clock.advance(10min);

    // [clear]
    auto const removed = backend.clear_expired();
    // [/clear]

    CHECK(removed == 2);
    CHECK(backend.clear_expired() == 0);
}

TEST_CASE("coming from Django: log in, ask who is there, log out")
{
    Site site;
    auto& backend = site.backend;

    // [accounts]
    auth::MemoryUsers users;           // on a site auth::SqliteUsers{"db.sqlite3"}: the table auth_user
    auth::MemoryRevocation revocation; // and auth::SqliteRevocation{"db.sqlite3"}
    auth::Backend accounts{backend, users, revocation, secret_key};

    users.create({.username = "ada", .password = accounts.passwords().make_password("correct horse")});
    // [/accounts]

    auto const log_in = [&](Session& session, std::string const& name, std::string const& password) {
        // [log_in]
        auto const user = accounts.authenticate(name, password);
        if (!user)
            return false; // "Your username and password didn't match."
        accounts.login(session, *user);
        return true;
        // [/log_in]
    };

    Session session{backend};
    session["cart"] = std::vector<std::string>{"hat"};
    session.save();
    auto const key_before = *session.session_key();

    CHECK_FALSE(log_in(session, "ada", "incorrect horse"));
    CHECK_FALSE(accounts.get_user(session));
    CHECK(log_in(session, "ada", "correct horse"));

    auto const greet = [&] {
        // [user]
        auto const user = accounts.get_user(session); // request.user, or nothing for AnonymousUser
        return "Hello, " + (user ? user->username : std::string{"stranger"});
        // [/user]
    };
    CHECK(greet() == "Hello, ada");
    CHECK(*session.session_key() != key_before);
    CHECK(session.contains("cart"));

    {
        auto user = *accounts.get_user(session);
        // [password]
        bool const changed = accounts.change_password(session, user, "battery staple");
        // [/password]
        CHECK(changed);
    }
    CHECK(greet() == "Hello, ada");

    // [log_out]
    accounts.logout(session);
    // [/log_out]
    CHECK(greet() == "Hello, stranger");
    CHECK_FALSE(session.contains("cart"));
}

TEST_CASE("coming from Django: a message is shown on the next page, once")
{
    Site site;
    auto& backend = site.backend;
    Session session{backend};

    // [messages_once]
    auth::MessageCookie const message_cookie{secret_key, backend.settings()}; // once, for all requests
    // [/messages_once]
    std::vector<std::string> cookies;
    {
        // [messages_add]
        auth::Messages messages{message_cookie.open(cookies, session)}; // in each request
        messages.success("Profile details updated.");
        auto const headers = messages.close(); // add them to the response
        // [/messages_add]
        REQUIRE(headers.size() >= 1);
        std::string const line{headers[0].value};
        cookies.push_back(line.substr(0, line.find(';')));
    }

    auto const show = [&] {
        std::string page;
        // [messages_show]
        auth::Messages messages{message_cookie.open(cookies, session)};
        for (auto const& message : messages)
            page += "<li class=\"" + message.tags() + "\">" + examples::escape(message.text) + "</li>";
        auto const headers = messages.close();
        // [/messages_show]
        for (auto const& header : headers)
            if (header.name == "Set-Cookie")
                cookies.clear();
        return page;
    };
    CHECK(show() == "<li class=\"success\">Profile details updated.</li>");
    CHECK(show().empty());
}

TEST_CASE("coming from Django: a form brings its token back")
{
    // [csrf_once]
    auth::CsrfProtection const protection{{.csrf_cookie_secure = true}};
    // [/csrf_once]

    std::string field;
    std::string cookie;
    {
        auto csrf = protection.open({.method = "GET", .is_secure = true, .host = "shop.example"});
        // [csrf_field]
        auto const form = "<form method=\"post\">" + csrf.hidden_field() + "…</form>"; // {% csrf_token %}
        auto const headers = csrf.close(); // add them to the response
        // [/csrf_field]
        auto const value = form.find("value=\"") + 7;
        field = form.substr(value, form.find('"', value) - value);
        std::string const line{headers.at(0).value};
        auto const equals = line.find('=');
        cookie = line.substr(equals + 1, line.find(';') - equals - 1);
    }

    auto const status = [&](std::string_view token) {
        // [csrf_check]
        auto csrf = protection.open({.method = "POST",
                                     .is_secure = true,
                                     .host = "shop.example",
                                     .origin = "https://shop.example",
                                     .cookie = cookie});
        if (auto const failure = csrf.check(token)) // the field csrfmiddlewaretoken
            return 403;
        return 200;
        // [/csrf_check]
    };
    CHECK(status(field) == 200);
    CHECK(status("") == 403);
    CHECK(status(std::string(64, 'x')) == 403);
}

TEST_CASE("coming from Django: other things are signed too")
{
    // [signing]
    cr::signing::TimestampSigner const signer{secret_key, {.salt = "newsletter"}};
    auto const text = signer.sign("ada@example.org");
    auto const address = signer.unsign(text, 24h); // the address, or why the text is not trusted
    // [/signing]
    REQUIRE(address);
    CHECK(*address == "ada@example.org");
    auto changed = text;
    changed[0] = 'A';
    CHECK_FALSE(signer.unsign(changed, 24h));
}

TEST_CASE("coming from Django: what happens can be heard")
{
    Site site;
    auto& backend = site.backend;
    std::vector<std::string> log;

    // [events]
    backend.on_event([&](cr::Event const& event) { // before the server starts
        if (event.reason() == cr::Reason::bad_signature)
            log.push_back("Session data corrupted: " + event.handle());
    });
    // [/events]

    Session session{backend};
    session["visit"] = 1;
    session.save();
    CHECK(log.empty());
    auto const key = *session.session_key();
    auto const stored = *backend.storage().load(key, backend.now());
    backend.storage().commit(key, stored, {"not signed by us", stored.expires}, backend.now());
    CHECK(Session{backend, key}.get("visit") == std::nullopt);
    CHECK(log == std::vector<std::string>{"Session data corrupted: " + key.handle()});
}
