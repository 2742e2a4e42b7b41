// SPDX-License-Identifier: MIT
#include <cloakroom/auth/messages.hpp>

#include "support/catch.hpp"
#include "support/signing_vectors.hpp"
#include "support/vectors.hpp"

#include <cloakroom/core/base64url.hpp>
#include <cloakroom/core/sha256.hpp>
#include <cloakroom/http/middleware.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/signer/signing.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/signed_cookie.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cr = cloakroom;
namespace auth = cloakroom::auth;
namespace text = cloakroom::auth::message_text;
using auth::Message;
using auth::MessageLevel;
using cr::http::Header;

namespace {

using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;

struct Site {
    Session::Backend backend{cr::storage::Memory{}, {}, cr::signer::Hmac{"a secret of the test"}};
    auth::MessageCookie cookie;

    explicit Site(cr::Settings const& settings = {}, auth::MessageCookieOptions options = {})
        : cookie{secret_key(), settings, std::move(options)}
    {
        cookie.clock([] { return vector_clock(); });
    }
};

std::string name_and_value(Header const& header)
{
    return header.value.substr(0, header.value.find(';'));
}

std::string value_of(std::string const& line)
{
    auto const pair = line.substr(0, line.find(';'));
    return pair.starts_with("messages=") ? pair.substr(std::string_view{"messages="}.size()) : pair;
}

std::optional<std::string> optional_text(cr::Value const& entry, std::string_view name)
{
    auto const& value = entry.get_if<cr::Dict>()->at(name);
    return value.is_null() ? std::nullopt : std::optional{value.as<std::string>()};
}

/// The JSON text that a cookie's value signs.
std::string signed_text(std::string const& value)
{
    auto const signer =
        cr::signer::Hmac{cr::signing::cookie_key(secret_key())}.bind("django.contrib.messages");
    auto payload = signer.unsign(value, vector_clock(), std::nullopt);
    REQUIRE(payload);
    return *std::move(payload);
}

/// Whether a Set-Cookie line, or a value, is the expected one: to the last byte, or where this build of zlib
/// compresses in another way, in what it says.
void check_cookie(std::string const& ours, std::string const& theirs)
{
    if (ours != theirs && value_of(theirs).starts_with('.')) {
        WARN("this build of zlib compresses in another way than the vectors' one; comparing what is signed");
        CHECK(value_of(ours).starts_with('.'));
        CHECK(signed_text(value_of(ours)) == signed_text(value_of(theirs)));
        CHECK(ours.substr(ours.find(';')) == theirs.substr(theirs.find(';')));
        return;
    }
    CHECK(ours == theirs);
}

std::vector<std::string> texts_of(std::vector<Message> const& messages)
{
    std::vector<std::string> texts;
    for (auto const& message : messages)
        texts.push_back(message.text);
    return texts;
}

template <class Storage>
std::vector<std::string> shown(auth::Messages<Storage>& messages)
{
    return texts_of({messages.begin(), messages.end()});
}

using Texts = std::vector<std::string>;

/// 256 characters that no compression makes much shorter: base64 of some digests.
std::string incompressible(int number)
{
    std::string bytes;
    for (int i = 0; i < 6; ++i)
        for (auto const byte : cr::sha256({std::to_string(number), "/", std::to_string(i)}))
            bytes += static_cast<char>(byte);
    auto encoded = cr::base64url_encode(bytes);
    std::replace(encoded.begin(), encoded.end(), '-', '+');
    std::replace(encoded.begin(), encoded.end(), '_', '/');
    return encoded;
}

/// The messages of the vectors, as the script that made them has them.
std::vector<Message> messages_of(cr::Value const& entry)
{
    auto const name = text_at(entry, "name");
    auto const level = [](int number) { return static_cast<MessageLevel>(number); };
    if (name == "one")
        return {{MessageLevel::info, "hello", {}, false}};
    if (name == "tags")
        return {{MessageLevel::warning, "warn", "extra tag", false}};
    if (name == "empty_tags")
        return {{MessageLevel::info, "x", "", false}};
    if (name == "safe")
        return {{MessageLevel::success, "<b>bold</b>", {}, true}};
    if (name == "unicode")
        return {{MessageLevel::error, "caf\u00e9 \u65e5", {}, false}};
    if (name == "several")
        return {{level(10), "d", {}, false},
                {level(20), "i", {}, false},
                {level(25), "s", {}, false},
                {level(30), "w", {}, false},
                {level(40), "e", "t", false}};
    if (name == "none")
        return {};
    if (name == "long") {
        std::string abcs;
        for (int i = 0; i < 300; ++i)
            abcs += "abc";
        return {{MessageLevel::info, abcs, {}, false}};
    }
    REQUIRE(name == "overflow");
    std::vector<Message> messages;
    for (int i = 0; i < 14; ++i)
        messages.push_back({MessageLevel::info, incompressible(i), {}, false});
    return messages;
}

/// What the vectors have in the session: of those that overflow the cookie, the rest of them.
std::vector<Message> session_messages_of(cr::Value const& entry)
{
    auto messages = messages_of(entry);
    if (text_at(entry, "name") == "overflow")
        messages.erase(messages.begin(), messages.begin() + 7);
    return messages;
}

} // namespace

TEST_CASE("messages stand in the session as Django writes them, and Django's are read (S-750, S-751)")
{
    auto const& cases = *vectors({"messages", "cases"}).get_if<cr::Array>();
    REQUIRE(cases.size() == 9);
    for (auto const& entry : cases) {
        CAPTURE(text_at(entry, "name"));
        auto const messages = session_messages_of(entry);
        auto const expected = optional_text(entry, "session_value");
        Site site;

        Session session{site.backend};
        session["_messages"] = "[]";
        auth::SessionMessages storage{session};
        std::vector<Header> headers;
        CHECK(storage.store({.loaded = {}, .is_consumed = true, .added = messages}, headers) == 0);
        CHECK(headers.empty());
        CHECK(session.get<std::string>("_messages") == expected);

        Session theirs{site.backend};
        if (expected)
            theirs["_messages"] = *expected;
        CHECK(auth::SessionMessages{theirs}.load() == messages);
    }
}

TEST_CASE("messages stand in the cookie as Django writes them, and Django's are read (S-752, S-753)")
{
    CHECK(text_at(vectors({"messages"}), "cookie_salt") == "django.contrib.messages");
    CHECK(text_at(vectors({"messages"}), "cookie_name") == auth::MessageCookieOptions{}.name);
    CHECK(vectors({"messages", "max_cookie_size"}).as<std::size_t>() ==
          auth::MessageCookieOptions{}.max_size);
    auto const& cases = *vectors({"messages", "cases"}).get_if<cr::Array>();
    Site const site;
    for (auto const& entry : cases) {
        CAPTURE(text_at(entry, "name"));
        auto const messages = messages_of(entry);
        auto const expected = *optional_text(entry, "set_cookie");
        auto const unstored = entry.get_if<cr::Dict>()->at("unstored").as<std::size_t>();

        auth::CookieMessages storage{site.cookie, std::nullopt};
        std::vector<Header> headers;
        CHECK(storage.store({.loaded = {}, .is_consumed = false, .added = messages}, headers) == unstored);
        REQUIRE(headers.size() == 2);
        CHECK(headers[0].name == "Set-Cookie");
        check_cookie(headers[0].value, expected);
        CHECK(headers[1] == Header{"Vary", "Cookie"});

        auto const* const back = entry.get_if<cr::Dict>()->at("read_back").get_if<cr::Dict>();
        if (back == nullptr)
            continue;
        for (auto const& line : {headers[0].value, expected}) {
            auth::CookieMessages reader{site.cookie, value_of(line)};
            auto const found = reader.load_found();
            CHECK(found.messages.size() == back->at("count").as<std::size_t>());
            CHECK(found.is_complete == back->at("all_retrieved").as<bool>());
            CHECK(found.messages ==
                  std::vector<Message>(messages.begin() + static_cast<std::ptrdiff_t>(unstored),
                                       messages.end())); // the oldest are left out
        }
    }
}

TEST_CASE("what the cookie has no room for goes into the session, and comes back from there (S-753)")
{
    auto const& cases = *vectors({"messages", "cases"}).get_if<cr::Array>();
    for (auto const& entry : cases) {
        CAPTURE(text_at(entry, "name"));
        auto const messages = messages_of(entry);
        auto const& fallback = entry.get_if<cr::Dict>()->at("fallback");
        auto const expected = optional_text(fallback, "cookie");
        Site site;
        Session session{site.backend};
        std::vector<Header> headers;
        auto storage = site.cookie.open("", session);
        CHECK(storage.store({.loaded = {}, .is_consumed = false, .added = messages}, headers) ==
              fallback.get_if<cr::Dict>()->at("unstored").as<std::size_t>());
        REQUIRE(headers.empty() == !expected);
        if (!expected) {
            CHECK_FALSE(session.accessed());
            continue;
        }
        check_cookie(value_of(headers[0].value) + ";", *expected + ";");

        auto const is_split = text_at(entry, "name") == "overflow";
        CHECK(session.accessed() == is_split);
        CHECK(session.get<std::string>("_messages") ==
              (is_split ? optional_text(entry, "session_value") : std::nullopt));
        auto again = site.cookie.open("messages=" + *expected, session);
        CHECK(again.load() == messages);

        // Shown, they are gone from both.
        std::vector<Header> removal;
        CHECK(again.store({.loaded = messages, .is_consumed = true, .added = {}}, removal) == 0);
        REQUIRE(removal.size() == 2);
        CHECK(removal[0].value ==
              "messages=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax");
        CHECK_FALSE(session.contains("_messages"));
    }
}

TEST_CASE("a cookie that nobody can read is ignored and removed (S-754)")
{
    auto const& cases = *vectors({"messages", "bad"}).get_if<cr::Array>();
    REQUIRE(cases.size() == 4);
    for (auto const& entry : cases) {
        CAPTURE(text_at(entry, "name"));
        REQUIRE(text_at(*entry.get_if<cr::Dict>()->find("result"), "ok") == "(None, True)");
        auto const is_removed = entry.get_if<cr::Dict>()->at("used").as<bool>();
        Site site;
        Session session{site.backend};
        auth::CookieMessages storage{site.cookie, text_at(entry, "cookie")};
        CHECK(storage.load().empty());
        CHECK(storage.is_unreadable() == is_removed);

        auto const header = "messages=" + text_at(entry, "cookie");
        auth::Messages alone{site.cookie.open(header)};
        auth::Messages both{site.cookie.open(header, session)};
        CHECK(alone.size() == 0);
        CHECK(both.size() == 0);
        CHECK(alone.close().empty() == !is_removed);
        CHECK(both.close().empty() == !is_removed);
        CHECK_FALSE(session.accessed());

        auth::Messages untouched{site.cookie.open(header)}; // nobody looked
        CHECK(untouched.close().empty());
    }
    // Signed by us, but no list of messages.
    Site const site;
    auto const signer =
        cr::signer::Hmac{cr::signing::cookie_key(secret_key())}.bind("django.contrib.messages");
    for (auto const* const payload : {"{}", "null", "not JSON", ""}) {
        auth::CookieMessages storage{site.cookie, signer.sign(payload, vector_clock())};
        CHECK(storage.load().empty());
        CHECK(storage.is_unreadable());
    }
    auth::CookieMessages empty{site.cookie, signer.sign("[]", vector_clock())};
    CHECK(empty.load().empty());
    CHECK_FALSE(empty.is_unreadable());
}

TEST_CASE("the cookie's attributes are those of the session cookie, its path is / (S-752)")
{
    Site const site{{.cookie_domain = ".example.com",
                     .cookie_path = "/app/",
                     .cookie_httponly = false,
                     .cookie_secure = true,
                     .cookie_samesite = cr::SameSite::strict}};
    auth::Messages messages{site.cookie.open("")};
    messages.info("hello");
    auto const headers = messages.close();
    REQUIRE(headers.size() == 2);
    CHECK(headers[0].value.substr(headers[0].value.find(';')) ==
          "; Domain=.example.com; Path=/; SameSite=Strict; Secure");

    auth::Messages next{site.cookie.open(name_and_value(headers[0]))};
    CHECK(shown(next) == Texts{"hello"});
    CHECK(next.close().at(0).value ==
          "messages=\"\"; Domain=.example.com; expires=Thu, 01 Jan 1970 00:00:00 GMT; "
          "Max-Age=0; Path=/; SameSite=Strict");
}

TEST_CASE("the messages' cookie has a name that a browser takes, and not the session's")
{
    auto const refusal = [](cr::Settings const& settings, std::string const& name) -> std::string {
        try {
            Site const site{settings, {.name = name}};
            return "";
        } catch (cr::ImproperlyConfigured const& error) {
            return error.what();
        }
    };
    using catch_::StartsWith;
    std::string const named = "cloakroom::auth::MessageCookieOptions::name: ";
    cr::Settings const secure{.cookie_path = "/app/", .cookie_secure = true};
    CHECK(refusal({}, "notes").empty());
    CHECK_THAT(refusal({}, "no name"), StartsWith(named + "not a cookie name"));
    CHECK_THAT(refusal({}, std::string(129, 'a')), StartsWith(named + "longer than"));

    CHECK(refusal(secure, "__Host-messages").empty()); // its path is / wherever the session's is
    CHECK_THAT(refusal({}, "__Host-messages"), StartsWith(named + "a __Host- name needs"));
    CHECK_THAT(refusal(secure, "__host-messages"), StartsWith(named + "a prefix in another case"));
    CHECK_THAT(refusal({.cookie_domain = "example.com", .cookie_secure = true}, "__Host-messages"),
               StartsWith(named + "a __Host- name needs"));
    CHECK(refusal(secure, "__Http-messages").empty());
    CHECK_THAT(refusal({.cookie_httponly = false, .cookie_secure = true}, "__Http-messages"),
               StartsWith(named + "a __Http- or"));

    CHECK_THAT(refusal({}, "sessionid"), StartsWith(named + "the session cookie has it"));
    CHECK(refusal({.cookie_name = "sid"}, "sessionid").empty());
    CHECK_THAT(refusal({.cookie_name = "sid"}, "sid"), StartsWith(named + "the session cookie has it"));
}

TEST_CASE("of several messages' cookies the last counts, unless the name promises one")
{
    auto const seen = [](std::string const& name) {
        Site const site{{.cookie_secure = true}, {.name = name}};
        auto const cookie = [&](std::string const& message) {
            auth::Messages messages{site.cookie.open("")};
            messages.info(message);
            return name_and_value(messages.close().at(0));
        };
        auth::Messages once{site.cookie.open(cookie("own"))};
        CHECK(shown(once) == Texts{"own"});
        auth::Messages twice{site.cookie.open(cookie("own") + "; " + cookie("planted"))};
        return shown(twice);
    };
    CHECK(seen("messages") == Texts{"planted"});
    CHECK(seen("__messages") == Texts{"planted"});
    CHECK(seen("__Host-messages") == Texts{});
    CHECK(seen("__Secure-messages") == Texts{});
}

TEST_CASE("R26: the messages' cookie says no-store where the session's does")
{
    for (bool const no_store : {false, true}) {
        Site const site{{.no_store = no_store}};
        auth::Messages messages{site.cookie.open("")};
        messages.info("hello");
        auto const headers = messages.close();
        cr::http::Header const wanted{"Cache-Control", "no-store"};
        CHECK(std::count(headers.begin(), headers.end(), wanted) == (no_store ? 1 : 0));

        auth::Messages quiet{site.cookie.open("")};
        CHECK(quiet.close().empty());
    }
}

TEST_CASE(
    "a cookie that a former secret key signed is read, and the present key signs the next (S-411, S-424)")
{
    auth::MessageCookie former{"a former secret key", cr::Settings{}};
    auth::Messages before{former.open("")};
    before.info("hello");
    auto const cookie = name_and_value(before.close().at(0));

    Site const knows_it{{}, {.fallback_keys = {"a former secret key"}}};
    auth::Messages after{knows_it.cookie.open(cookie)};
    CHECK(after.size() == 1);
    after.info("again");
    auto const next = name_and_value(after.close().at(0));

    Site const does_not;
    CHECK(auth::Messages{does_not.cookie.open(cookie)}.size() == 0);
    CHECK(auth::Messages{does_not.cookie.open(next)}.size() == 2);
}

TEST_CASE("the key of Django's signed cookies is that of the vectors (S-424)")
{
    auto const key = cr::signing::cookie_key(secret_key());
    auto const salt = text_at(vectors({"signed_http_cookies"}), "default_salt");
    cr::signing::TimestampSigner const signer{key, {.salt = salt}};
    CHECK(signer.sign("hello", vector_clock()) ==
          text_at(vectors({"signed_http_cookies"}), "default_signed"));
}

TEST_CASE("a message is shown by the next page that looks, and by that page alone")
{
    Site site;
    Session session{site.backend};
    auth::Messages post{auth::SessionMessages{session}};
    post.success("saved");
    post.error("but not sent");
    CHECK(post.close().empty());
    CHECK(session.at("_messages") == cr::Value{R"([["__json_message", 0, 25, "saved", ""], )"
                                               R"(["__json_message", 0, 40, "but not sent", ""]])"});
    session.save();

    Session second{site.backend, session.session_key()};
    auth::Messages counting{auth::SessionMessages{second}};
    CHECK(counting.size() == 2); // which consumes none
    CHECK(counting.contains({MessageLevel::success, "saved", "", false}));
    CHECK_FALSE(counting.contains({MessageLevel::info, "saved", "", false}));
    CHECK(counting.close().empty());
    CHECK_FALSE(second.modified());

    Session third{site.backend, session.session_key()};
    auth::Messages page{auth::SessionMessages{third}};
    CHECK(shown(page) == Texts{"saved", "but not sent"});
    CHECK(shown(page) == Texts{"saved", "but not sent"}); // within the request they stay
    CHECK(page.close().empty());
    CHECK_FALSE(third.contains("_messages")); // S-751
    third.save();

    Session fourth{site.backend, session.session_key()};
    auth::Messages later{auth::SessionMessages{fourth}};
    CHECK(later.size() == 0);
    CHECK(later.close().empty());
    CHECK_FALSE(fourth.modified());
}

TEST_CASE("what a page adds is shown with the rest, and what it adds after showing is kept")
{
    Site site;
    Session session{site.backend};
    session["_messages"] = R"([["__json_message", 0, 20, "old"]])";
    auth::Messages page{auth::SessionMessages{session}};
    page.info("new");
    CHECK(shown(page) == Texts{"old", "new"});
    page.info("later");
    page.close();
    CHECK(session.at("_messages") == cr::Value{R"([["__json_message", 0, 20, "later", ""]])"});

    auth::Messages next{auth::SessionMessages{session}};
    next.info("more");
    next.close(); // nobody looked: all are kept
    CHECK(session.at("_messages") ==
          cr::Value{R"([["__json_message", 0, 20, "later", ""], ["__json_message", 0, 20, "more", ""]])"});
    next.info("too late");
    CHECK(next.close().empty());
    CHECK(text::read(session.at("_messages").as<std::string>())->messages.size() == 2);
}

TEST_CASE("a request that neither adds nor looks touches neither session nor cookie")
{
    Site site;
    Session session{site.backend};
    auth::Messages in_session{auth::SessionMessages{session}};
    auth::Messages in_both{site.cookie.open("messages=anything", session)};
    CHECK(in_session.close().empty());
    CHECK(in_both.close().empty());
    CHECK_FALSE(session.accessed());
}

TEST_CASE("a page that looks where there is nothing writes nothing into the session")
{
    Site site;
    Session session{site.backend};
    auth::Messages in_session{auth::SessionMessages{session}};
    CHECK(in_session.begin() == in_session.end());
    CHECK(in_session.close().empty());
    CHECK_FALSE(session.modified());

    Session untouched{site.backend};
    auth::Messages in_both{site.cookie.open("", untouched)};
    CHECK(in_both.begin() == in_both.end());
    CHECK(in_both.close().empty());
    CHECK_FALSE(untouched.accessed());
}

TEST_CASE("messages that two requests add at once are all there")
{
    Site site;
    Session first{site.backend};
    first["name"] = "somebody";
    first["_messages"] = R"([["__json_message", 0, 20, "old"]])";
    first.save();
    auto const add = [](Session& session, std::string const& message, bool looks) {
        auth::Messages messages{auth::SessionMessages{session}};
        if (looks)
            CHECK(shown(messages) == Texts{"old"});
        messages.info(message);
        messages.close();
    };
    auto const stored = [&] {
        Session session{site.backend, first.session_key()};
        return texts_of(auth::SessionMessages{session}.load());
    };
    Session a{site.backend, first.session_key()};
    Session b{site.backend, first.session_key()};
    a.ensure_loaded();
    add(b, "b", false);
    add(a, "a", false);
    b.save();
    a.save();
    CHECK(stored() == Texts{"old", "b", "a"});

    // One shows them while the other adds: what was shown goes, what was added stays.
    Session reset{site.backend, first.session_key()};
    reset["_messages"] = R"([["__json_message", 0, 20, "old"]])";
    reset.save();
    Session c{site.backend, first.session_key()};
    Session d{site.backend, first.session_key()};
    add(c, "c", true);
    add(d, "d", false);
    d.save();
    c.save();
    CHECK(stored() == Texts{"d", "c"});

    // Both show what is there and add: neither takes the other's for what it has shown.
    Session again{site.backend, first.session_key()};
    again["_messages"] = R"([["__json_message", 0, 20, "old"]])";
    again.save();
    Session e{site.backend, first.session_key()};
    Session f{site.backend, first.session_key()};
    add(e, "e", true);
    add(f, "f", true);
    f.save();
    e.save();
    CHECK(stored() == Texts{"f", "e"});
}

TEST_CASE("a storage that is told of no change makes none")
{
    Site site;
    Session session{site.backend};
    session["_messages"] = R"([["__json_message", 0, 20, "old"]])";
    auth::SessionMessages storage{session};
    auto const loaded = storage.load();
    std::vector<Header> headers;
    CHECK(storage.store({.loaded = loaded, .is_consumed = false, .added = {}}, headers) == 0);
    CHECK(storage.load() == loaded);
}

TEST_CASE("messages below the level are not kept, nor empty ones")
{
    Site site;
    Session session{site.backend};
    auth::Messages messages{auth::SessionMessages{session}};
    CHECK(messages.get_level() == MessageLevel::info);
    messages.debug("unseen");
    messages.info("");
    messages.info("seen");
    messages.set_level(MessageLevel::error);
    messages.warning("unseen");
    messages.add_message(MessageLevel{50}, "of a level of one's own");
    messages.set_level(MessageLevel::debug);
    messages.debug("seen, too");
    CHECK(shown(messages) == Texts{"seen", "of a level of one's own", "seen, too"});

    auth::Messages strict{auth::SessionMessages{session}, {.message_level = MessageLevel::warning}};
    strict.success("unseen");
    strict.warning("seen");
    CHECK(shown(strict) == Texts{"seen"});
}

TEST_CASE("tags are the extra ones and the level's name (S-750)")
{
    CHECK(Message{MessageLevel::debug, "x", {}, false}.tags() == "debug");
    CHECK(Message{MessageLevel::info, "x", "", false}.tags() == "info");
    CHECK(Message{MessageLevel::success, "x", "a b", false}.tags() == "a b success");
    CHECK(Message{MessageLevel::warning, "x", {}, false}.level_tag() == "warning");
    CHECK(Message{MessageLevel::error, "x", {}, false}.level_tag() == "error");
    CHECK(Message{MessageLevel{50}, "x", "a", false}.tags() == "a");
    auth::MessageSettings const own{.message_level = MessageLevel::info,
                                    .message_tags = {{MessageLevel::error, "danger"},
                                                     {MessageLevel{50}, "critical"},
                                                     {MessageLevel::info, ""}}};
    CHECK(Message{MessageLevel::error, "x", {}, false}.tags(own) == "danger");
    CHECK(Message{MessageLevel{50}, "x", "a", false}.tags(own) == "a critical");
    CHECK(Message{MessageLevel::info, "x", "a", false}.tags(own) == "a");
}

TEST_CASE("options of a message come back with it")
{
    Site site;
    Session session{site.backend};
    auth::Messages post{site.cookie.open("", session)};
    post.warning("<i>x</i>", {.extra_tags = "large", .is_safe = true});
    auth::Messages page{site.cookie.open(name_and_value(post.close().at(0)), session)};
    CHECK(*page.begin() == Message{MessageLevel::warning, "<i>x</i>", "large", true});
}

TEST_CASE("a text that is no UTF-8 is refused when it is added")
{
    Site site;
    auth::Messages messages{site.cookie.open("")};
    CHECK_THROWS_AS(messages.info("\xff"), cr::TypeError);
    CHECK_THROWS_AS(messages.info("x", {.extra_tags = "\xff"}), cr::TypeError);
    CHECK(messages.close().empty());
}

TEST_CASE("elements that are no messages are left out, and a text that is no list has none (S-750)")
{
    auto const count = [](std::string_view json) {
        auto const found = text::read(json);
        return found ? static_cast<int>(found->messages.size()) : -1;
    };
    CHECK(count(R"([["__json_message",0,20,"x"]])") == 1);
    CHECK(count(R"([["__json_message",0,20,"x",null]])") == 1);
    CHECK(count(R"([["__json_message",true,-5,"x",""], 5, ["__json_message",0,20,"y"]])") == 2);
    for (auto const* const json :
         {"[]", "[5]", "[[]]", R"(["__json_message",0,20,"x"])", R"([["other",0,20,"x"]])",
          R"([["__json_message",0,20]])", R"([["__json_message",0,"20","x"]])",
          R"([["__json_message",0,20,5]])", R"([["__json_message",0,20,"x",5]])",
          R"([["__json_message",0,20,"x","",1]])", R"([["__json_message",0,99999999999,"x"]])"})
        CHECK(count(json) == 0);
    for (auto const* const json : {"", "{}", "\"x\"", "5", "[", "[]]"})
        CHECK(count(json) == -1);

    Site site;
    for (auto const& item : {cr::Value{"{"}, cr::Value{5}, cr::Value{}, cr::Value{cr::Array{}}}) {
        Session session{site.backend};
        session["_messages"] = item;
        auth::Messages messages{auth::SessionMessages{session}};
        CHECK(messages.size() == 0);
        messages.info("new");
        messages.close();
        CHECK(session.at("_messages") == cr::Value{R"([["__json_message", 0, 20, "new", ""]])"});
    }
}

TEST_CASE("the cookie never grows beyond its limit, whatever is added (S-753)")
{
    for (std::size_t const max_size : {std::size_t{150}, std::size_t{400}, std::size_t{2048}}) {
        Site site{{}, {.max_size = max_size}};
        Session session{site.backend};
        std::string in_cookie;
        std::string in_both;
        Texts all;
        for (int i = 0; i < 60; ++i) {
            auto const message = cr::signing::base64_hmac("a test", std::to_string(i), secret_key());
            auth::Messages one{site.cookie.open(in_cookie)};
            auth::Messages both{site.cookie.open(in_both, session)};
            one.info(message);
            both.info(message);
            all.push_back(message);
            in_cookie = name_and_value(one.close().at(0));
            in_both = name_and_value(both.close().at(0));
            CHECK(value_of(in_cookie).size() <= max_size);
            CHECK(value_of(in_both).size() <= max_size);
            CHECK(both.unstored() == 0);
        }
        auth::Messages both{site.cookie.open(in_both, session)};
        CHECK(shown(both) == all);
        auth::Messages one{site.cookie.open(in_cookie)};
        auto const newest = shown(one);
        CHECK(newest.size() < all.size());
        CHECK(newest == Texts(all.end() - static_cast<std::ptrdiff_t>(newest.size()), all.end()));
    }
}

TEST_CASE("messages live in a session that the browser keeps, too")
{
    using Ticket = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, cr::signer::Hmac>;
    Ticket::Backend backend{cr::storage::SignedCookie{}, {}, cr::signer::Hmac{"a secret of the test"}};
    cr::http::Middleware<Ticket> const middleware{backend};
    auto post = middleware.open("");
    auth::Messages messages{auth::SessionMessages{post}};
    messages.info("hello");
    CHECK(messages.close().empty());
    auto const& outcome = middleware.close(post, 302);
    REQUIRE(outcome.headers.size() == 2);

    auto get = middleware.open(name_and_value(outcome.headers[0]));
    auth::Messages page{auth::SessionMessages{get}};
    CHECK(shown(page) == Texts{"hello"});
    page.close();
    CHECK_FALSE(get.contains("_messages"));
}
