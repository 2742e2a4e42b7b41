// SPDX-License-Identifier: MIT
#include <cloakroom/session/session.hpp>

#include "support/catch.hpp"
#include "support/shop.hpp"
#include "support/temporary_folder.hpp"

#include <cloakroom/http/middleware.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/signed_cookie.hpp>
#include <cloakroom/storage/sqlite.hpp>
#include <cloakroom/testing/interleave.hpp>
#include <cloakroom/testing/session_stage.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cr = cloakroom;
namespace serializer = cr::serializer;
using shop::Address;
using shop::Item;
using shop::Shop;

namespace {

template <class Storage>
using SignedSession = cr::Session<Storage, serializer::Json, cr::signer::Hmac>;

template <class Storage>
struct World {
    using Session = SignedSession<Storage>;

    /// What the next request has of these items.
    Session with(std::string_view text)
    {
        Session session{backend};
        session.update(*serializer::Json{}.load(text));
        session.save();
        return Session{backend, session.session_key()};
    }
    Session again(Session& session)
    {
        session.save();
        return Session{backend, session.session_key()};
    }

    typename Session::Backend backend{Storage{}, {}, cr::signer::Hmac{"a secret for tests"}};
};

template <class Session>
std::string text_of(Session& session)
{
    return serializer::Json{}.dump(session.items());
}

/// Two requests that do these things to what is stored, in every order of their storage calls.
void interleave(std::string_view text, std::function<void(Shop&)> const& first,
                std::function<void(Shop&)> const& second,
                std::function<bool(std::string const&)> const& right)
{
    using Stage = cr::testing::SessionStage<cr::storage::Memory, serializer::Json, cr::signer::Unsigned>;
    Stage stage{cr::storage::Memory{}, {}, std::chrono::seconds{1}};
    auto const request = [&](std::function<void(Shop&)> const& change) {
        return [&stage, change](cr::SessionKey const& key) {
            Stage::Session session{stage.backend(), key};
            auto view = session.as<Shop>();
            change(view);
            session.assign(view);
            session.save();
        };
    };
    auto const report = cr::testing::for_each_interleaving(
        [&] { return stage.begin(*serializer::Json{}.load(text)); }, {request(first), request(second)},
        [&](cr::SessionKey const& key, cr::testing::InterleavedRun const&) {
            auto const found = serializer::Json{}.dump(stage.read(key).value());
            cr::testing::require(right(found), "The session holds " + found + ".");
        });
    CHECK(report.schedules > 4);
    CHECK(report.complete);
}

} // namespace

TEMPLATE_TEST_CASE("a struct is a view of the items that its members name", "", cr::storage::Memory,
                   cr::storage::SignedCookie)
{
    World<TestType> world;
    auto session = world.with(R"({"user":7,"visits":3,"cart":[{"name":"coat","price":9.5}],)"
                              R"("address":{"street":"Markt 1","zip":"89073"},"second":null})");
    CHECK_FALSE(session.accessed());
    CHECK(session.template as<Shop>() == Shop{3, {{"coat", 9.5}}, {"Ulm", "Markt 1"}, std::nullopt, ""});
    CHECK(session.accessed());
    CHECK_FALSE(session.modified());
    CHECK(session["cart"].template as<std::vector<Item>>() == std::vector<Item>{{"coat", 9.5}});
    CHECK(session["cart"][0].template as<Item>() == Item{"coat", 9.5});
    CHECK(session.template get<Address>("address")->street == "Markt 1");

    typename World<TestType>::Session fresh{world.backend};
    CHECK(fresh.template as<Shop>() == Shop{});
    CHECK_FALSE(fresh.modified());
}

TEMPLATE_TEST_CASE("assigning a struct writes the members that changed and nothing else", "",
                   cr::storage::Memory, cr::storage::SignedCookie)
{
    World<TestType> world;
    auto session = world.with(R"({"user":7,"visits":3,"cart":[{"name":"coat","price":9.5,"size":"XL"}],)"
                              R"("address":{"street":"Markt 1","zip":"89073"},"second":{"zip":"1"}})");
    auto view = session.template as<Shop>();
    view.visits = 4;
    view.address.city = "Bonn";
    view.second->street = "Ring 2";
    session.assign(view);
    CHECK(session.modified());
    CHECK(session.template as<Shop>() == view);

    auto next = world.again(session);
    CHECK(text_of(next) == R"({"user":7,"visits":4,"cart":[{"name":"coat","price":9.5,"size":"XL"}],)"
                           R"("address":{"street":"Markt 1","zip":"89073","city":"Bonn"},)"
                           R"("second":{"zip":"1","street":"Ring 2"}})");
    CHECK(next.template as<Shop>() == view);
}

TEMPLATE_TEST_CASE("assigning an unchanged struct changes nothing", "", cr::storage::Memory,
                   cr::storage::SignedCookie)
{
    World<TestType> world;
    for (auto const* const text :
         {"{}", R"({"visits":3,"cart":[]})", R"({"cart":[{"name":"coat","price":9,"size":"XL"},{}]})",
          R"({"address":{}})", R"({"second":{}})", R"({"address":{"zip":"1"},"second":null,"note":"x"})"}) {
        auto session = world.with(text);
        session.assign(session.template as<Shop>());
        CHECK_FALSE(session.modified());
        CHECK(text_of(session) == text);
        auto view = session.template as<Shop>();
        view.visits = 99;
        session.assign(view);
        CHECK(session.modified());
    }
    typename World<TestType>::Session fresh{world.backend};
    fresh.assign(Shop{});
    CHECK_FALSE(fresh.modified());
    CHECK(fresh.is_empty());
}

TEST_CASE("a response after an unchanged struct was assigned sets no cookie")
{
    using Session = SignedSession<cr::storage::Memory>;
    World<cr::storage::Memory> world;
    cr::http::Middleware<Session> const middleware{world.backend};
    auto first = middleware.open("");
    first.assign(first.as<Shop>());
    CHECK(middleware.close(first, 200).headers.size() == 1); // Vary
    auto second = middleware.open("");
    second.assign(Shop{1, {}, {}, {}, ""});
    CHECK(middleware.close(second, 200).headers.size() == 2);
}

TEST_CASE("missing members are written when they differ from the default")
{
    World<cr::storage::Memory> world;
    auto session = world.with("{}");
    auto view = session.as<Shop>();
    view.visits = 1;
    session.assign(view);
    CHECK(text_of(session) == R"({"visits":1})");
    view.address.street = "Markt 1";
    session.assign(view);
    CHECK(text_of(session) == R"({"visits":1,"address":{"city":"Ulm","street":"Markt 1"}})");
    view.second = Address{};
    session.assign(view);
    CHECK(text_of(session) ==
          R"({"visits":1,"address":{"city":"Ulm","street":"Markt 1"},"second":{"city":"Ulm","street":""}})");
    view.second.reset();
    view.cart.push_back({"hat", 2});
    view.visits = 0;
    session.assign(view);
    CHECK(text_of(session) == R"({"visits":0,"address":{"city":"Ulm","street":"Markt 1"},"second":null,)"
                              R"("cart":[{"name":"hat","price":2.0}]})");
    view.second = Address{"Bonn", ""};
    session.assign(view);
    CHECK(session["second"].as<Address>() == Address{"Bonn", ""});
}

TEST_CASE("an item of another type is a TypeError with its path until a struct is assigned")
{
    World<cr::storage::Memory> world;
    auto session = world.with(R"({"visits":1,"cart":[{},{},{"price":"9"}],"address":5,"note":[1]})");
    auto const error_of = [&] {
        try {
            session.as<Shop>();
        } catch (cr::TypeError const& error) {
            return std::string{error.what()};
        }
        return std::string{};
    };
    CHECK(error_of() == "cart[2].price: string where a number is wanted");
    session["cart"][2]["price"] = 9;
    CHECK(error_of() == "address: integer where an object is wanted");
    Shop const wanted{1, {{"coat", 1}}, {"Ulm", "x"}, {}, "y"};
    session.assign(wanted);
    CHECK(session.as<Shop>() == wanted);
    CHECK(text_of(session) == R"({"visits":1,"cart":[{"name":"coat","price":1.0}],)"
                              R"("address":{"city":"Ulm","street":"x"},"note":"y"})");
}

TEST_CASE("a struct that cannot be stored changes nothing")
{
    World<cr::storage::Memory> world;
    auto session = world.with(R"({"visits":1})");
    CHECK_THROWS_AS(session.assign(Shop{2, {{"\xFF", 1}}, {}, {}, ""}), cr::TypeError);
    CHECK_FALSE(session.modified());
    CHECK(text_of(session) == R"({"visits":1})");
}

TEST_CASE("items, elements and operands may be structs")
{
    World<cr::storage::Memory> world;
    auto session = world.with("{}");
    session["item"] = Item{"coat", 1.5};
    session["cart"] += std::vector<Item>{{"a", 1}};
    session["cart"] += std::vector<Item>{{"b", 2}};
    session["cart"][0] = Item{"c", 3};
    session["box"] = cr::Dict{{"inner", Item{"d", 4}}};
    session.setdefault("other", Address{});
    session.update("item", [](cr::Value const& value) {
        auto item = value.as<Item>();
        item.price *= 2;
        return item;
    });
    auto next = world.again(session);
    CHECK(text_of(next) == R"({"item":{"name":"coat","price":3.0},)"
                           R"("cart":[{"name":"c","price":3.0},{"name":"b","price":2.0}],)"
                           R"("box":{"inner":{"name":"d","price":4.0}},"other":{"city":"Ulm","street":""}})");
    CHECK(next.get("item", Item{}) == Item{"coat", 3});
    CHECK(next.get("none", Item{"x", 1}) == Item{"x", 1});
    CHECK(next.pop("item", Item{}) == Item{"coat", 3});
}

namespace {

struct NamesOnly {
    std::string_view note;
    std::string_view other;
    std::string_view third;
};

} // namespace

BOOST_HANA_ADAPT_STRUCT(NamesOnly, note, other, third);

TEST_CASE("a struct of views can be assigned to the session that it looks into")
{
    World<cr::storage::Memory> world;
    auto session = world.with(R"({"note":"one","other":"two"})");
    auto view = session.as<NamesOnly>();
    std::swap(view.note, view.other);
    view.third = view.note;
    session.assign(view);
    CHECK(text_of(session) == R"({"note":"two","other":"one","third":"two"})");
    session["number"] = 1; // no text to be spliced any more
    view = session.as<NamesOnly>();
    std::swap(view.note, view.other);
    view.third = view.note;
    session.assign(view);
    CHECK(text_of(session) == R"({"note":"one","other":"two","third":"one","number":1})");
}

TEST_CASE("Django reads an assigned struct as a plain object")
{
    using Session = SignedSession<cr::storage::Sqlite>;
    TemporaryFolder const folder;
    cr::signer::Hmac const signer{"a secret for tests"};
    Session::Backend backend{cr::storage::Sqlite{folder.path("db.sqlite3")}, {}, signer};
    backend.storage().migrate();
    Session session{backend};
    session["_auth_user_id"] = "41";
    session.assign(Shop{2, {{"coat \xC3\xA9", 9.5}}, {"Bonn", ""}, Address{}, "n"});
    session.save();

    auto const row = backend.storage().load(*session.session_key(), backend.now());
    REQUIRE(row.has_value());
    auto const text = signer.bind(cr::storage::Sqlite::purpose).unsign(row->payload, backend.now(), {});
    REQUIRE(text.has_value());
    CHECK(*text ==
          R"({"_auth_user_id":"41","visits":2,"cart":[{"name":"coat \u00e9","price":9.5}],)"
          R"("address":{"city":"Bonn","street":""},"second":{"city":"Ulm","street":""},"note":"n"})");

    Session next{backend, session.session_key()};
    CHECK(next.as<Shop>() == Shop{2, {{"coat \xC3\xA9", 9.5}}, {"Bonn", ""}, Address{}, "n"});
}

TEST_CASE("two requests that assign different members both keep them, in any order")
{
    auto const is = [](std::string const& wanted) {
        return [wanted](std::string const& found) {
            return *serializer::Json{}.load(found) == *serializer::Json{}.load(wanted);
        };
    };
    auto const visits = [](Shop& view) { view.visits += 1; };
    auto const note = [](Shop& view) { view.note = "x"; };
    auto const city = [](Shop& view) { view.address.city = "Bonn"; };
    auto const street = [](Shop& view) { view.address.street = "Ring"; };
    auto const second_city = [](Shop& view) {
        (view.second ? *view.second : view.second.emplace()).city = "Rom";
    };
    auto const second_street = [](Shop& view) {
        (view.second ? *view.second : view.second.emplace()).street = "Via";
    };

    interleave(R"({"visits":1,"user":7})", visits, note, is(R"({"visits":2,"user":7,"note":"x"})"));
    interleave("{}", visits, city, is(R"({"visits":1,"address":{"city":"Bonn","street":""}})"));
    interleave(R"({"address":{"city":"Ulm","zip":"1"}})", city, street,
               is(R"({"address":{"city":"Bonn","zip":"1","street":"Ring"}})"));
    interleave("{}", city, street, is(R"({"address":{"city":"Bonn","street":"Ring"}})"));
    interleave("{}", second_city, second_street, is(R"({"second":{"city":"Rom","street":"Via"}})"));
    interleave(R"({"second":{}})", second_city, second_street,
               is(R"({"second":{"city":"Rom","street":"Via"}})"));
    interleave(R"({"second":null})", second_city, second_street,
               is(R"({"second":{"city":"Rom","street":"Via"}})"));
}

TEST_CASE("of two requests that assign the same member one wins, in any order")
{
    auto const set = [](int visits) { return [visits](Shop& view) { view.visits = visits; }; };
    interleave(R"({"visits":1,"user":7})", set(2), set(3), [](std::string const& found) {
        return found == R"({"visits":2,"user":7})" || found == R"({"visits":3,"user":7})";
    });
    CHECK_THROWS_AS(
        interleave("{}", set(2), set(3), [](auto const& found) { return found == R"({"visits":2})"; }),
        cr::testing::LawBroken);
}
