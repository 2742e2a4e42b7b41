// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_SESSION_WALK_HPP
#define CLOAKROOM_TESTING_SESSION_WALK_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/conversion.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/struct.hpp>
#include <cloakroom/session/backend.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/testing/law.hpp>
#include <cloakroom/testing/manual_clock.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace cloakroom::inline v0::testing {

/// Walks once through what a session offers, one request after the other, and throws LawBroken where a
/// session with these policies does not do what every session does: items of every kind, changes, typed
/// views, expiry, a new key, the end, the test cookie. A first look at a policy; what holds in every order of
/// requests, session_laws and ticket_laws tell.
///
/// Sets the backend's clock, which goes on by some weeks.
template <SessionStorage Storage, SerializerPolicy Serializer, SignerPolicy Signer>
void session_walk(Backend<Storage, Serializer, Signer>& backend);

namespace session_walk_detail {

struct Item {
    BOOST_HANA_DEFINE_STRUCT(Item, (std::string, name), (double, price));

    friend bool operator==(Item const&, Item const&) = default;
};
struct Shop {
    BOOST_HANA_DEFINE_STRUCT(Shop, (int, visits), (std::vector<Item>, cart), (std::optional<Item>, best));

    friend bool operator==(Shop const&, Shop const&) = default;
};

/// Integers at the limits, texts with every kind of character, nesting, what is empty.
inline Dict every_kind()
{
    constexpr auto smallest = std::numeric_limits<std::int64_t>::min();
    constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
    return {
        {"null", nullptr},
        {"bools", Array{true, false}},
        {"integers", Array{0, -1, smallest, largest, *BigInteger::parse("-123456789012345678901234567890")}},
        {"numbers", Array{0.5, -1e300, 1.0}},
        {"texts", Array{"", "plain", "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80", "\"\\/\n\t\x01<&>"}},
        {"empty", Array{Array{}, Dict{}}},
        {"nested", Dict{{"a", Array{Dict{{"b", Array{1, 2}}}}}, {"", "no name"}}},
        {"\xC3\xBC", "a name that is not ASCII"}};
}

template <SessionStorage Storage, SerializerPolicy Serializer, SignerPolicy Signer>
class Walk {
public:
    explicit Walk(Backend<Storage, Serializer, Signer>& backend) : backend_(backend)
    {
        backend_.clock(clock_);
    }

    void all()
    {
        keeps_items();
        changes_items();
        answers_for_what_is_missing();
        reads_structs();
        expires();
        moves();
        ends();
        tests_cookies();
    }

private:
    using Session = cloakroom::Session<Storage, Serializer, Signer>;
    static constexpr bool in_browser = ClientSidePolicy<Storage>;

    /// Saves, and gives the session that the next request has.
    Session next(Session& session)
    {
        session.save();
        require(session.session_key().has_value() && session.is_written(), "A saved session has a key.");
        return Session{backend_, session.session_key()->reveal()};
    }
    Session with(Dict const& items)
    {
        Session session{backend_};
        session.update(items);
        return next(session);
    }

    void keeps_items()
    {
        Session fresh{backend_};
        require(fresh.is_empty() && !fresh.session_key() && !fresh.accessed() && !fresh.modified(),
                "A new session is empty and has no key.");
        auto session = with(every_kind());
        require(!session.accessed() && !session.is_loaded(), "Opening a session loads nothing.");
        require(session.items() == every_kind(), "A session has the items that were saved, all of them.");
        require(session.accessed() && !session.modified(), "Reading is noted, and is no change.");
        require(session.keys().front() == "null" && session.keys().back() == "\xC3\xBC",
                "Items keep their order.");
        require(with({}).items().empty(), "A session without items can be saved.");
    }

    void changes_items()
    {
        auto session = with({{"n", 1}, {"gone", 1}, {"box", Dict{{"a", 1}}}, {"list", Array{1, 2}}});
        session["n"] += 2;
        session["new"] += 5;
        session["list"] += Array{3, 4};
        session["box"]["b"] = "x";
        session["text"] = "a";
        session["text"] += "b";
        require(session.erase("gone") && !session.erase("gone"), "An item is erased once.");
        require(session.setdefault("n", 9) == Value{3} && session.setdefault("d", 9) == Value{9},
                "A default is for what is missing.");
        session.update("n", [](Value const& n) { return n.template as<int>() * 2; });
        require(session.pop("new") == Value{5} && !session.contains("new"), "A popped item is gone.");
        require(session.modified(), "A change is noted.");
        auto later = next(session);
        require(later.items() == Dict{{"n", 6},
                                      {"box", Dict{{"a", 1}, {"b", "x"}}},
                                      {"list", Array{1, 2, 3, 4}},
                                      {"text", "ab"},
                                      {"d", 9}},
                "Changes are what the next request sees.");
        later.clear();
        require(next(later).items().empty(), "A cleared session has no items.");
    }

    void answers_for_what_is_missing()
    {
        auto session = with({{"n", 1}});
        require(session.get("n", 5) == 1 && session.get("none", 5) == 5 && !session.get("none"),
                "A missing item is the default.");
        require(throws<KeyError>([&] { session.at("none"); }), "A missing item is a KeyError.");
        require(throws<TypeError>([&] { session["n"].template as<std::string>(); }),
                "An item of another type is a TypeError.");
        require(!session.modified() && session.items() == Dict{{"n", 1}}, "Asking changes nothing.");
    }

    void reads_structs()
    {
        auto session = with({{"visits", 2}, {"other", 1}});
        auto shop = session.template as<Shop>();
        require(shop == Shop{2, {}, {}}, "A struct has its members' items, and its defaults.");
        session.assign(shop);
        require(!session.modified(), "Assigning an unchanged struct changes nothing.");
        shop.cart.push_back({"coat", 9.5});
        shop.best = shop.cart.front();
        session.assign(shop);
        session["item"] = Item{"hat", 2};
        auto later = next(session);
        require(later.template as<Shop>() == shop && later["item"].template as<Item>() == Item{"hat", 2},
                "An assigned struct is what the next request reads.");
        require(later["cart"][0]["name"] == Value{"coat"} && later.at("other") == Value{1},
                "A struct is a plain object, and other items stay.");
    }

    void expires()
    {
        using namespace std::chrono_literals;
        auto session = with({{"a", 1}});
        require(session.get_expiry_age() == backend_.settings().cookie_age,
                "A session has the cookie's age.");
        session.set_expiry(300s);
        require(next(session).get_expiry_age() == 300s, "A session has the age that was set.");
        auto const moment = std::chrono::floor<std::chrono::seconds>(clock_()) + 1h;
        session.set_expiry(moment);
        require(next(session).get_expiry_date() == moment, "A session ends at the moment that was set.");
        session.set_expiry(browser_close);
        require(next(session).get_expire_at_browser_close(), "A session ends with the browser.");
        session.set_expiry(global_policy);
        auto last = next(session);
        require(last.items() == Dict{{"a", 1}}, "Setting no expiry leaves no trace.");
        auto again = next(last);
        clock_.advance(backend_.settings().cookie_age + 1s);
        require(again.items().empty(), "A session that is too old has no items.");
    }

    void moves()
    {
        auto session = with({{"a", 1}});
        auto const old = *session.session_key();
        session["b"] = 2;
        session.cycle_key();
        require(Session{backend_, session.session_key()}.items() == Dict{{"a", 1}, {"b", 2}},
                "A session keeps its items under its new key.");
        if constexpr (!in_browser) {
            require(!(*session.session_key() == old), "A session that moves has another key.");
            require(Session{backend_, old}.items().empty(), "The old key opens nothing.");
        }
    }

    void ends()
    {
        auto session = with({{"a", 1}});
        auto const old = *session.session_key();
        session.flush();
        require(session.is_empty() && !session.session_key(), "A flushed session is empty and has no key.");
        if constexpr (!in_browser)
            require(Session{backend_, old}.items().empty(), "A flushed session's key opens nothing.");
        session["b"] = 2;
        require(next(session).items() == Dict{{"b", 2}}, "After a flush a session begins anew.");
    }

    void tests_cookies()
    {
        Session session{backend_};
        require(!session.test_cookie_worked(), "Nothing was tested yet.");
        session.set_test_cookie();
        auto later = next(session);
        require(later.test_cookie_worked(), "The test cookie has worked.");
        later.delete_test_cookie();
        require(!next(later).test_cookie_worked(), "The test cookie is deleted.");
    }

    template <class Expected, class Function>
    static bool throws(Function const& function)
    {
        try {
            function();
        } catch (Expected const&) {
            return true;
        }
        return false;
    }

    Backend<Storage, Serializer, Signer>& backend_;
    ManualClock clock_{system_now() + std::chrono::hours{24}};
};

} // namespace session_walk_detail

template <SessionStorage Storage, SerializerPolicy Serializer, SignerPolicy Signer>
void session_walk(Backend<Storage, Serializer, Signer>& backend)
{
    session_walk_detail::Walk<Storage, Serializer, Signer>{backend}.all();
}

} // namespace cloakroom::inline v0::testing

#endif
