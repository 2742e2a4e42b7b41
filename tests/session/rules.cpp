// SPDX-License-Identifier: MIT
//
// What becomes of a field that several requests have set. Beside each rule runs a twin without it, in which
// the same requests lose something: so these tests can fail.
#include <cloakroom/session/rules.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/field.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/sqlite.hpp>
#include <cloakroom/testing/fault_injection.hpp>
#include <cloakroom/testing/interleave.hpp>
#include <cloakroom/testing/session_stage.hpp>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace cr = cloakroom;
namespace serializer = cr::serializer;
using Stage = cr::testing::SessionStage<cr::storage::Memory, serializer::Json, cr::signer::Unsigned>;
using Session = Stage::Session;

namespace {

/// Articles and how many of each.
struct Cart {
    std::map<std::string, int> articles;

    /// The other's changes since `base` on top of these: called on the base, with theirs and ours.
    Cart merged(Cart const& theirs, Cart ours) const
    {
        for (auto const& [name, count] : theirs.articles)
            ours.articles[name] += count - count_of(name);
        for (auto const& [name, count] : articles)
            if (!theirs.articles.contains(name))
                ours.articles[name] -= count;
        std::erase_if(ours.articles, [](auto const& article) { return article.second <= 0; });
        return ours;
    }
    /// All that is in either: called on theirs.
    Cart joined(Cart const& ours) const
    {
        auto all = *this;
        for (auto const& [name, count] : ours.articles)
            all.articles[name] = std::max(all.articles[name], count);
        return all;
    }
    int count_of(std::string const& name) const
    {
        auto const found = articles.find(name);
        return found != articles.end() ? found->second : 0;
    }
};

struct Money { // whole cents
    int cents = 0;

    friend Money operator+(Money a, Money b) { return {a.cents + b.cents}; }
    friend Money operator-(Money a, Money b) { return {a.cents - b.cents}; }
    friend bool operator==(Money, Money) = default;
};

} // namespace

template <>
struct cloakroom::Conversion<Cart> {
    static Value to_value(Cart const& cart) { return Value{cart.articles}; }
    static Cart from_value(Value const& value, Where const& where)
    {
        return {value.as<std::map<std::string, int>>(where)};
    }
};

template <>
struct cloakroom::Conversion<Money> {
    static Value to_value(Money money) { return Value{money.cents}; }
    static Money from_value(Value const& value, Where const& where) { return {value.as<int>(where)}; }
};

template <>
struct cloakroom::Conversion<std::set<int>> {
    static Value to_value(std::set<int> const& numbers)
    {
        return Value{std::vector<int>(numbers.begin(), numbers.end())};
    }
    static std::set<int> from_value(Value const& value, Where const& where)
    {
        auto const numbers = value.as<std::vector<int>>(where);
        return {numbers.begin(), numbers.end()};
    }
};

namespace {

std::string appended(std::string const& theirs, std::string const& ours)
{
    return theirs + ours;
}

int refuses(int, int)
{
    throw std::runtime_error{"these do not merge"};
}

inline constexpr auto plain = cr::field<"item", int>;
inline constexpr auto total = cr::field<"item", int, cr::sum>;
inline constexpr auto highest = cr::field<"item", int, cr::max>;
inline constexpr auto lowest = cr::field<"item", int, cr::min>;
inline constexpr auto guarded = cr::field<"item", int, cr::reject>;
inline constexpr auto refusing = cr::field<"item", int, cr::merge<refuses>>;
inline constexpr auto three_way =
    cr::field<"item", int,
              cr::merge<[](int base, int theirs, int ours) { return base * 100 + theirs * 10 + ours; }>>;
inline constexpr auto plain_tags = cr::field<"item", std::vector<std::string>>;
inline constexpr auto tags = cr::field<"item", std::vector<std::string>, cr::set_union>;
inline constexpr auto plain_cart = cr::field<"item", Cart>;
inline constexpr auto cart = cr::field<"item", Cart, cr::merge<&Cart::merged>>;
inline constexpr auto joined_cart = cr::field<"item", Cart, cr::merge<&Cart::joined>>;
inline constexpr auto text = cr::field<"item", std::string, cr::merge<appended>>;

// ---- every order of storage calls ----

using Request = std::function<void(Session&)>;

struct Outcome {
    cr::Value item;          ///< what is stored in the end, null when nothing is
    std::vector<bool> saved; ///< whether each request was told that it is; else it met a ConflictError
};

/// Runs the requests on one session that holds `start`, each with load first and save last, in every order of
/// their storage calls.
template <class Check>
std::size_t in_every_order(cr::Value const& start, std::vector<Request> const& requests, Check check)
{
    struct Scene {
        cr::SessionKey key;
        std::vector<bool> saved;
    };
    Stage stage{cr::storage::Memory{}, {}, std::chrono::seconds{1}};
    std::vector<std::function<void(Scene&)>> clients;
    for (std::size_t i = 0; i < requests.size(); ++i)
        clients.push_back([&, i](Scene& scene) {
            Session session{stage.backend(), scene.key};
            session.ensure_loaded();
            try {
                requests[i](session);
                session.save();
                scene.saved[i] = true;
            } catch (cr::ConflictError const&) {
            }
        });
    auto const begin = [&] {
        stage.erase(stage.take_keys());
        return Scene{stage.begin(start.is_null() ? cr::Dict{} : cr::Dict{{"item", start}}),
                     std::vector<bool>(requests.size())};
    };
    auto const report = cr::testing::for_each_interleaving(
        begin, clients, [&](Scene const& scene, cr::testing::InterleavedRun const& run) {
            auto const stored = *stage.read(scene.key);
            auto const* const item = stored.find("item");
            INFO(run.story());
            check(Outcome{item != nullptr ? *item : cr::Value{}, scene.saved});
        });
    CHECK(report.complete);
    return report.schedules;
}

/// Whether the outcome is the same in every order.
bool always(cr::Value const& start, std::vector<Request> const& requests, cr::Value const& wanted)
{
    bool is_always = true;
    std::size_t const schedules = in_every_order(
        start, requests, [&](Outcome const& outcome) { is_always = is_always && outcome.item == wanted; });
    CHECK(schedules > (requests.size() == 2 ? 5 : 50));
    return is_always;
}

/// Requests that each change a field's value in a way of their own, read first and set then.
template <cr::AnyField Field, class... Changes>
std::vector<Request> each_sets(Field field, Changes... changes)
{
    return {[field, changes](Session& session) {
        session[field] = changes(session.get(field, typename Field::Type{}));
    }...};
}

auto plus(int number)
{
    return [number](int value) { return value + number; };
}
auto becomes(int number)
{
    return [number](int) { return number; };
}
auto with(std::string const& tag)
{
    return [tag](std::vector<std::string> all) {
        all.push_back(tag);
        return all;
    };
}
auto with(std::string const& article, int count)
{
    return [article, count](Cart value) {
        if ((value.articles[article] += count) <= 0)
            value.articles.erase(article);
        return value;
    };
}
// ---- one request that is slower than another ----

using Backend = cr::Session<cr::storage::Memory, serializer::Json, cr::signer::Unsigned>::Backend;
using PlainSession = cr::Session<cr::storage::Memory, serializer::Json, cr::signer::Unsigned>;
using Changes = std::function<void(PlainSession&)>;

/// What is stored in the end when `theirs` is saved while `ours` are under way.
cr::Dict concurrently(cr::Dict const& start, Changes const& theirs, Changes const& ours)
{
    Backend backend{cr::storage::Memory{}};
    PlainSession first{backend};
    first.update(start);
    first.save();
    PlainSession slow{backend, first.session_key()};
    slow.ensure_loaded();
    ours(slow);
    PlainSession fast{backend, first.session_key()};
    theirs(fast);
    fast.save();
    slow.save();
    return slow.load();
}

template <cr::AnyField Field>
Changes sets(Field field, typename Field::Type const& value)
{
    return [field, value](PlainSession& session) { session[field] = value; };
}
void erases(PlainSession& session)
{
    session.erase("item");
}

} // namespace

TEST_CASE("sum: what requests add to a value is all there, in every order of their storage calls")
{
    CHECK(always(10, each_sets(total, plus(1), plus(20)), 31));
    CHECK(always(10, each_sets(total, plus(1), plus(20), plus(-300)), -269));
    CHECK(always(nullptr, each_sets(total, plus(1), plus(20), plus(300)), 321));
    CHECK_FALSE(always(10, each_sets(plain, plus(1), plus(20)), 31));
    CHECK_FALSE(always(nullptr, each_sets(plain, plus(1), plus(20), plus(300)), 321));
}

TEST_CASE("max and min: the largest and the smallest stands, in every order of their storage calls")
{
    CHECK(always(1, each_sets(highest, becomes(9), becomes(5)), 9) ==
          false); // a request that loads 9 and sets 5 lowers it, as it says
    auto const raise = [](int number) { return [number](int value) { return std::max(value, number); }; };
    auto const lower = [](int number) { return [number](int value) { return std::min(value, number); }; };
    CHECK(always(1, each_sets(highest, raise(9), raise(5)), 9));
    CHECK(always(1, each_sets(highest, raise(5), raise(9), raise(7)), 9));
    CHECK_FALSE(always(1, each_sets(plain, raise(5), raise(9), raise(7)), 9));
    CHECK(always(9, each_sets(lowest, lower(5), lower(3), lower(4)), 3));
    CHECK_FALSE(always(9, each_sets(plain, lower(5), lower(3)), 3));
}

TEST_CASE("set_union: what each request has put in is there, in every order of their storage calls")
{
    auto const sorted = [](cr::Value const& item) {
        auto all = item.as<std::vector<std::string>>();
        std::sort(all.begin(), all.end());
        return all;
    };
    auto const holds_all = [&](auto requests, std::vector<std::string> const& wanted) {
        bool is_always = true;
        in_every_order(cr::Array{"first"}, requests, [&](Outcome const& outcome) {
            is_always = is_always && sorted(outcome.item) == wanted;
        });
        return is_always;
    };
    CHECK(holds_all(each_sets(tags, with("a"), with("b")), {"a", "b", "first"}));
    CHECK(holds_all(each_sets(tags, with("a"), with("b"), with("c")), {"a", "b", "c", "first"}));
    CHECK_FALSE(holds_all(each_sets(plain_tags, with("a"), with("b")), {"a", "b", "first"}));
}

TEST_CASE(
    "merge: a function of base, theirs and ours keeps all changes, in every order of their storage calls")
{
    Cart const start{{{"coat", 2}, {"hat", 1}}};
    cr::Value const wanted{Cart{{{"coat", 3}, {"scarf", 5}}}};
    CHECK(always(cr::Value{start}, each_sets(cart, with("coat", 1), with("scarf", 5), with("hat", -1)),
                 wanted));
    CHECK_FALSE(always(cr::Value{start},
                       each_sets(plain_cart, with("coat", 1), with("scarf", 5), with("hat", -1)), wanted));
    CHECK(always(cr::Value{start}, each_sets(joined_cart, with("coat", 1), with("scarf", 5)),
                 cr::Value{Cart{{{"coat", 3}, {"hat", 1}, {"scarf", 5}}}}));
}

TEST_CASE("merge: theirs and ours are merged once, however many requests were faster one after the other")
{
    auto const says = [](std::string const& own) { return [own](std::string const&) { return own; }; };
    std::set<std::string> results;
    in_every_order("-", each_sets(text, says("a"), says("b"), says("c")),
                   [&](Outcome const& outcome) { results.insert(outcome.item.as<std::string>()); });
    // From one after the other to all at once; never "abac", which is what the same rule makes of its own
    // result.
    CHECK(results == std::set<std::string>{"a", "b", "c", "ab", "ac", "ba", "bc", "ca", "cb", "abc", "acb",
                                           "bac", "bca", "cab", "cba"});
}

TEST_CASE("reject: who comes later is told so and changes nothing, in every order of their storage calls")
{
    auto const requests = each_sets(guarded, plus(1), plus(1), plus(1));
    std::set<int> results;
    in_every_order(10, requests, [&](Outcome const& outcome) {
        auto const saved = std::count(outcome.saved.begin(), outcome.saved.end(), true);
        CHECK(saved >= 1);
        CHECK(outcome.item == 10 + saved);
        results.insert(static_cast<int>(saved));
    });
    CHECK(results == std::set{1, 2, 3});

    results.clear();
    in_every_order(10, each_sets(plain, plus(1), plus(1), plus(1)), [&](Outcome const& outcome) {
        CHECK(outcome.saved == std::vector{true, true, true});
        results.insert(outcome.item.as<int>());
    });
    CHECK(results == std::set{11, 12, 13});
}

TEST_CASE("sums stay whole when a request moves the session to another key")
{
    Stage stage{cr::storage::Memory{}, {}, std::chrono::seconds{1}};
    struct Scene {
        cr::SessionKey key;
        std::optional<cr::SessionKey> moved;
        bool is_saved = false;
    };
    auto const report = cr::testing::for_each_interleaving(
        [&] { return Scene{stage.begin({{"item", 10}}), {}, false}; },
        {[&](Scene& scene) {
             Session session{stage.backend(), scene.key};
             session[total] = session.at(total) + 1;
             session.cycle_key();
             scene.moved = session.session_key();
         },
         [&](Scene& scene) {
             Session session{stage.backend(), scene.key};
             session.ensure_loaded();
             if (!session.session_key())
                 return;
             session[total] = session.at(total) + 20;
             try {
                 session.save();
                 scene.is_saved = true;
             } catch (cr::SessionInterrupted const&) {
             }
         }},
        [&](Scene const& scene, cr::testing::InterleavedRun const& run) {
            INFO(run.story());
            CHECK(stage.read(*scene.moved)->at("item") == (scene.is_saved ? 31 : 11));
            stage.erase(stage.take_keys());
        });
    CHECK(report.schedules > 3);
}

TEST_CASE("after a save in the same request the base is what was saved, in every order of storage calls")
{
    Request const twice = [](Session& session) {
        session[total] = session.at(total) + 1;
        session.save();
        session[total] += 20;
        session[total] = session.at(total) + 300;
    };
    Request const once = [](Session& session) { session[total] = session.at(total) + 50000; };
    CHECK(always(0, {twice, once}, 50321));
    CHECK(always(0, {twice, twice}, 2 * 321));

    Request const plainly_twice = [](Session& session) {
        session[plain] = session.at(plain) + 1;
        session.save();
        session[plain] = session.at(plain) + 20;
    };
    CHECK_FALSE(always(0, {plainly_twice, once}, 50021));
}

TEST_CASE("a rule is not asked while nobody else has changed the item")
{
    auto const elsewhere = [](PlainSession& session) { session["elsewhere"] = 1; };
    CHECK(concurrently({{"item", 1}}, elsewhere, sets(refusing, 2)).at("item") == 2);
    CHECK(concurrently({}, elsewhere, sets(refusing, 2)).at("item") == 2);
    CHECK(concurrently({{"item", 1}}, elsewhere, sets(guarded, 2)).at("item") == 2);
    CHECK_FALSE(concurrently({{"item", 1}}, elsewhere, [](auto& session) {
                    session.erase(guarded);
                }).contains("item"));
    auto const there_and_back = [](PlainSession& session) {
        session[plain] = 7;
        session.save();
        session[plain] = 1;
    };
    CHECK(concurrently({{"item", 1}}, there_and_back, sets(refusing, 2)).at("item") == 2);
    CHECK_THROWS_WITH(concurrently({{"item", 1}}, sets(plain, 7), sets(refusing, 2)), "these do not merge");
}

TEST_CASE("a rule is asked about base, theirs and ours, and the item that was missing counts from nothing")
{
    CHECK(concurrently({{"item", 1}}, sets(plain, 2), sets(three_way, 3)).at("item") == 123);
    CHECK(concurrently({{"item", 1}}, sets(plain, 2), sets(three_way, 1)).at("item") == 121);
    CHECK(concurrently({{"item", 1}}, sets(plain, 2), sets(three_way, 2)).at("item") == 122);
    CHECK(concurrently({}, sets(plain, 2), sets(three_way, 3)).at("item") == 23);
}

TEST_CASE("a base that the field cannot read counts as nothing, and their null as missing")
{
    for (auto const& base : {cr::Value{"text"}, cr::Value{nullptr}, cr::Value{1.5}}) {
        CHECK(concurrently({{"item", base}}, sets(plain, 2), sets(total, 3)).at("item") == 5);
        CHECK(concurrently({{"item", base}}, sets(plain, 2), sets(three_way, 3)).at("item") == 23);
    }
    auto const nulls = [](PlainSession& session) { session["item"] = nullptr; };
    CHECK(concurrently({{"item", 1}}, nulls, sets(total, 3)).at("item") == 3);
    CHECK(concurrently({{"item", 1}}, nulls, sets(highest, 0)).at("item") == 0);
    constexpr auto maybe_highest = cr::field<"item", std::optional<int>, cr::max>;
    CHECK(concurrently({{"item", 1}}, nulls, sets(maybe_highest, 0)).at("item") == 0);
    constexpr auto maybe_lowest = cr::field<"item", std::optional<int>, cr::min>;
    CHECK(concurrently({{"item", 1}}, nulls, sets(maybe_lowest, 0)).at("item") == nullptr);
}

TEST_CASE("reject refuses the same change of two requests too, until the session is opened anew")
{
    CHECK_THROWS_AS(concurrently({{"item", 1}}, sets(plain, 2), sets(guarded, 2)), cr::ConflictError);
    CHECK_THROWS_AS(
        concurrently({{"item", 1}}, erases, [](PlainSession& session) { CHECK(session.erase(guarded)); }),
        cr::ConflictError);

    Backend backend{cr::storage::Memory{}};
    PlainSession first{backend};
    first[guarded] = 1;
    first.save();
    PlainSession slow{backend, first.session_key()};
    slow[guarded] = 2;
    PlainSession fast{backend, first.session_key()};
    fast[guarded] = 3;
    fast.save();
    CHECK_THROWS_AS(slow.save(), cr::ConflictError);
    CHECK_THROWS_AS(slow.save(), cr::ConflictError);
    slow = PlainSession{backend, first.session_key()};
    CHECK(slow[guarded] == 3);
    slow[guarded] = 2;
    slow.save();
    CHECK(first.load().at("item") == 2);
}

TEST_CASE("an erasure stands on either side, but for reject")
{
    auto const erases_field = [](auto field) {
        return [field](PlainSession& session) { session.erase(field); };
    };
    CHECK(concurrently({{"item", 1}}, erases, sets(total, 3)).at("item") == 3);
    CHECK(concurrently({{"item", 1}}, erases, sets(refusing, 3)).at("item") == 3);
    CHECK_THROWS_AS(concurrently({{"item", 1}}, erases, sets(guarded, 3)), cr::ConflictError);
    CHECK_FALSE(concurrently({{"item", 1}}, sets(plain, 5), erases_field(total)).contains("item"));
    CHECK_FALSE(concurrently({{"item", 1}}, sets(plain, 5), erases_field(plain)).contains("item"));
    CHECK_THROWS_WITH(concurrently({{"item", 1}}, sets(plain, 5), erases_field(guarded)),
                      "another request has changed 'item' meanwhile, and this field does not merge");
    CHECK_FALSE(concurrently({{"item", 1}}, erases, erases_field(total)).contains("item"));
}

TEST_CASE("operations on a field are done again as they are, whatever its rule")
{
    auto const adds = [](auto field) { return [field](PlainSession& session) { session[field] += 3; }; };
    CHECK(concurrently({{"item", 1}}, sets(plain, 5), adds(plain)).at("item") == 8);
    CHECK(concurrently({{"item", 1}}, sets(plain, 5), adds(highest)).at("item") == 8);
    CHECK(concurrently({{"item", 1}}, sets(plain, 5), adds(guarded)).at("item") == 8);
    CHECK(concurrently({{"item", 1}}, sets(plain, 5), [](PlainSession& session) {
              session.update(total, [](int value) { return value * 2; });
          }).at("item") == 10);
    CHECK(concurrently({}, sets(plain, 5), [](PlainSession& session) {
              session.setdefault(total, 3);
          }).at("item") == 5);
    // Together with a set they are one change, which the rule decides.
    CHECK(concurrently({{"item", 1}}, sets(plain, 5), [](PlainSession& session) {
              session[total] += 3;
              session[total] = 10;
              session[total] += 5;
              session.update(total, [](int value) { return value + 100; });
          }).at("item") == 5 + 114);
}

TEST_CASE("the rule of the last set or erasure of an item counts")
{
    auto const both = [](auto first, auto second) {
        return [first, second](PlainSession& session) {
            session[first] = 3;
            session[second] = 4;
        };
    };
    CHECK(concurrently({{"item", 1}}, sets(plain, 6), both(highest, total)).at("item") == 9);
    CHECK(concurrently({{"item", 1}}, sets(plain, 6), both(total, highest)).at("item") == 6);
    CHECK(concurrently({{"item", 1}}, sets(plain, 6), both(guarded, plain)).at("item") == 4);
    CHECK_THROWS_AS(concurrently({{"item", 1}}, sets(plain, 6), both(plain, guarded)), cr::ConflictError);
    CHECK(concurrently({{"item", 1}}, sets(plain, 6), [](PlainSession& session) {
              session[guarded] = 3;
              session["item"] = 4;
          }).at("item") == 4);
    CHECK(concurrently({{"item", 1}, {"other", 1}}, sets(plain, 6), [](PlainSession& session) {
              session[guarded] = 3;
              session.clear();
              session[total] = 2;
          }) == cr::Dict{{"item", 2}});
}

TEST_CASE("what a rule throws ends save() with nothing written, and the session keeps its changes")
{
    Backend backend{cr::storage::Memory{}};
    PlainSession first{backend};
    first["item"] = 1;
    first.save();
    auto const fail = [&](cr::Value const& theirs, auto field, int ours, auto matches) {
        PlainSession slow{backend, first.session_key()};
        slow[field] = ours;
        PlainSession fast{backend, first.session_key()};
        fast["item"] = theirs;
        fast["elsewhere"] = theirs;
        auto const before = slow.get("elsewhere");
        fast.save();
        for (int attempt = 0; attempt < 2; ++attempt) {
            matches(slow);
            CHECK(slow[field] == ours);
            CHECK(slow.modified());
            CHECK_FALSE(slow.is_written());
            CHECK(slow.get("elsewhere") == before);
            CHECK(first.load().at("item") == theirs);
        }
    };
    fail("text", total, 3, [](PlainSession& session) {
        CHECK_THROWS_WITH(session.save(), "item: string where an integer is wanted");
    });
    fail(3, refusing, 4,
         [](PlainSession& session) { CHECK_THROWS_WITH(session.save(), "these do not merge"); });
    fail(4, guarded, 5, [](PlainSession& session) { CHECK_THROWS_AS(session.save(), cr::ConflictError); });
    fail(std::numeric_limits<int>::max(), total, 6, [](PlainSession& session) {
        CHECK_THROWS_WITH(session.save(), "item: what two requests add leaves the type of the field");
    });

    // What comes to nothing can be mended: theirs has not changed since the last attempt, but ours has.
    PlainSession slow{backend, first.session_key()};
    slow[refusing] = 8;
    PlainSession fast{backend, first.session_key()};
    fast["item"] = 1;
    fast.save();
    CHECK_THROWS_AS(slow.save(), std::runtime_error);
    slow["item"] = 9;
    slow.save();
    CHECK(first.load().at("item") == 9);
}

TEST_CASE("after a save that failed halfway what this request did is still told from theirs")
{
    using Storage = cr::testing::Faulty<cr::storage::Memory>;
    using FaultySession = cr::Session<Storage, serializer::Json, cr::signer::Unsigned>;
    for (bool const changes_again : {false, true}) {
        FaultySession::Backend backend{Storage{cr::storage::Memory{}}};
        FaultySession first{backend};
        first[total] = 10;
        first.save();
        auto const save_plus = [&](int number) {
            FaultySession fast{backend, first.session_key()};
            fast[total] = fast.at(total) + number;
            fast.save();
        };
        FaultySession slow{backend, first.session_key()};
        slow[total] = 11;
        save_plus(100);
        backend.storage().faults().fail_call(3, cr::testing::Moment::before); // after a conflict and a load
        CHECK_THROWS_AS(slow.save(), cr::StorageError);
        CHECK(slow[total] == 111);
        if (changes_again)
            slow[total] += 5; // as much as a set to 116
        save_plus(1000);
        slow.save();
        CHECK(first.load().at("item") == (changes_again ? 1116 : 1111));
    }
}

TEST_CASE("a sum outside the field's type is refused when it is done again")
{
    auto const stock = cr::field<"stock", unsigned>;
    auto const takes = [&](unsigned count) {
        return [stock, count](PlainSession& session) { session[stock] -= count; };
    };
    CHECK(concurrently({{"stock", 3}}, takes(1), takes(2)).at("stock") == 0);
    CHECK_THROWS_AS(concurrently({{"stock", 2}}, takes(1), takes(2)), cr::TypeError);
}

TEST_CASE("a merge function that uses the session is told so")
{
    static PlainSession* used = nullptr;
    constexpr auto careless =
        cr::field<"item", int, cr::merge<[](int, int) { return used->at("item").as<int>(); }>>;
    CHECK_THROWS_WITH(concurrently({{"item", 1}}, sets(plain, 2),
                                   [&](PlainSession& session) {
                                       used = &session;
                                       session[careless] = 3;
                                   }),
                      catch_::ContainsSubstring("must not use the session"));
}

TEST_CASE("sums are exact up to the limits of each type")
{
    auto const sum_of = []<class T>(T base, T theirs, T ours) {
        return cr::rules::Sum::apply(cr::Where{"item"}, base, theirs, ours);
    };
    using I = std::numeric_limits<std::int64_t>;
    using U = std::numeric_limits<std::uint64_t>;
    using B = std::numeric_limits<std::int8_t>;
    CHECK(sum_of(I::min(), I::min(), I::max()) == I::max());
    CHECK(sum_of(I::max(), I::max(), I::min()) == I::min());
    CHECK(sum_of(I::max(), std::int64_t{0}, I::max() - 1) == -1);
    CHECK_THROWS_AS(sum_of(std::int64_t{0}, I::max(), std::int64_t{1}), cr::TypeError);
    CHECK_THROWS_AS(sum_of(std::int64_t{0}, I::min(), std::int64_t{-1}), cr::TypeError);
    CHECK(sum_of(std::uint64_t{0}, std::uint64_t{0}, U::max()) == U::max());
    CHECK(sum_of(U::max(), U::max(), std::uint64_t{0}) == 0);
    CHECK_THROWS_AS(sum_of(std::uint64_t{2}, std::uint64_t{0}, std::uint64_t{1}), cr::TypeError);
    CHECK(sum_of(B::min(), B::max(), B::min()) == B::max());
    CHECK_THROWS_AS(sum_of(B::min(), B::max(), B::max()), cr::TypeError);
    CHECK(sum_of(1.0, 2.5, 4.0) == 5.5);
    CHECK(sum_of(Money{1}, Money{2}, Money{4}) == Money{5});
}

TEST_CASE("set_union takes every kind of container")
{
    auto const united = []<class T>(T theirs, T ours) {
        return cr::rules::SetUnion::apply(cr::Where{}, theirs, ours);
    };
    CHECK(united(std::vector{3, 1, 3}, std::vector{2, 1, 2, 4}) == std::vector{3, 1, 3, 2, 4});
    CHECK(united(std::vector{2.5}, std::vector{1.5, 2.5}) == std::vector{2.5, 1.5});
    CHECK(united(std::vector{Money{1}}, std::vector{Money{2}, Money{1}}) == std::vector{Money{1}, Money{2}});
    CHECK(united(cr::Array{1, "a"}, cr::Array{"a", 1.0, nullptr}) == cr::Array{1, "a", 1.0, nullptr});
    CHECK(united(std::set{1, 3}, std::set{2, 3}) == std::set{1, 2, 3});
    constexpr auto numbers = cr::field<"item", std::set<int>, cr::set_union>;
    CHECK(concurrently({{"item", cr::Array{1}}}, sets(numbers, {1, 2}), sets(numbers, {3})).at("item") ==
          cr::Array{1, 2, 3});
}

namespace {

/// Json without its refinement, which counts how often it reads.
struct CountingJson {
    static constexpr cr::Content output = serializer::Json::output;
    static inline int loads = 0;

    std::string dump(cr::Dict const& dict) const { return serializer::Json{}.dump(dict); }
    cr::Result<cr::Dict, cr::DecodeError> load(std::string_view bytes) const
    {
        ++loads;
        return serializer::Json{}.load(bytes);
    }
};

} // namespace

TEST_CASE("the base is read again only on a conflict, whatever the serializer")
{
    using CountingSession = cr::Session<cr::storage::Memory, CountingJson, cr::signer::Unsigned>;
    CountingSession::Backend backend{cr::storage::Memory{}};
    CountingSession first{backend};
    first[total] = 10;
    first.save();
    CountingSession slow{backend, first.session_key()};
    slow[total] = 12;
    slow["other"] = 1;
    CountingSession fast{backend, first.session_key()};
    fast[total] = 110;
    CountingJson::loads = 0;
    fast.save();
    CHECK(CountingJson::loads == 0);
    slow.save();
    CHECK(CountingJson::loads == 2); // the newest and the base
    CHECK(first.load().at("item") == 112);
}

TEST_CASE("the base of a text that another program has written is found too")
{
    Backend backend{cr::storage::Memory{}};
    auto const key = cr::SessionKey::generate();
    auto const now = backend.now();
    backend.storage().create(key, {R"( {"item": 10, "other" : [ 1 ] } )", now + std::chrono::hours{1}}, now);
    PlainSession slow{backend, key};
    slow[total] = 12;
    PlainSession fast{backend, key};
    fast[total] = 110;
    fast.save();
    slow.save();
    CHECK(slow.load().at("item") == 112);
}

// ---- real threads ----

namespace {

/// Eight requests on one session at a time, twelve times: all have loaded it before any saves.
template <class S, class Act>
cr::Value in_threads(typename S::Backend& backend, cr::Value const& start, Act act)
{
    constexpr int threads = 8;
    constexpr int rounds = 12;
    S first{backend};
    first["item"] = start;
    first.save();
    std::barrier all{threads};
    std::vector<std::string> thrown(threads);
    std::vector<std::thread> clients;
    for (int i = 0; i < threads; ++i)
        clients.emplace_back([&, i] {
            auto const attempt = [&](auto const& step) {
                try {
                    step();
                } catch (std::exception const& error) {
                    thrown[static_cast<std::size_t>(i)] = error.what();
                }
                all.arrive_and_wait();
            };
            for (int round = 0; round < rounds; ++round) {
                S session{backend, first.session_key()};
                attempt([&] { act(session, i, round); });
                attempt([&] { session.save(); });
            }
        });
    for (auto& client : clients)
        client.join();
    CHECK(thrown == std::vector<std::string>(threads));
    return first.load().at("item");
}

template <class S>
void check_in_threads(typename S::Backend& backend)
{
    CHECK(in_threads<S>(backend, 1000,
                        [](S& session, int, int) { session[total] = session.at(total) + 1; }) == 1096);

    auto const all = in_threads<S>(backend, cr::Array{}, [](S& session, int thread, int round) {
                         session[tags] =
                             with(std::to_string(thread) + "/" + std::to_string(round))(session.at(tags));
                     }).template as<std::vector<std::string>>();
    CHECK(all.size() == 96);
    CHECK(std::set(all.begin(), all.end()).size() == 96);

    auto const articles =
        in_threads<S>(backend, cr::Value{Cart{{{"coat", 200}}}}, [](S& session, int thread, int) {
            session[cart] = with("coat", -1)(with("hat of " + std::to_string(thread), 1)(session.at(cart)));
        });
    Cart wanted{{{"coat", 104}}};
    for (int thread = 0; thread < 8; ++thread)
        wanted.articles["hat of " + std::to_string(thread)] = 12;
    CHECK(articles == cr::Value{wanted});
}

cr::Settings patient()
{
    cr::Settings settings;
    settings.commit_deadline = std::chrono::seconds{60};
    return settings;
}

} // namespace

TEST_CASE("eight threads lose nothing under sum, set_union and merge on Memory")
{
    Backend backend{cr::storage::Memory{}, {}, {}, patient()};
    check_in_threads<PlainSession>(backend);
}

TEST_CASE("eight threads lose nothing under sum, set_union and merge on Sqlite")
{
    using SqliteSession = cr::Session<cr::storage::Sqlite, serializer::Json, cr::signer::Hmac>;
    TemporaryFolder const folder;
    SqliteSession::Backend backend{cr::storage::Sqlite{folder.path("sessions.sqlite3")},
                                   {},
                                   cr::signer::Hmac{"a secret of the tests"},
                                   patient()};
    backend.storage().migrate();
    check_in_threads<SqliteSession>(backend);
}
