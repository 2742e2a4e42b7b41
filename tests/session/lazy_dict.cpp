// SPDX-License-Identifier: MIT
#include <cloakroom/session/lazy_dict.hpp>

#include "support/catch.hpp"
#include "support/vectors.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/testing/manual_clock.hpp>

#include <array>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace cr = cloakroom;
using namespace std::chrono_literals;
namespace serializer = cr::serializer;

namespace {

/// Json without its refinement: all is read at once and written anew.
struct EagerJson {
    static constexpr cr::Content output = serializer::Json::output;

    std::string dump(cr::Dict const& dict) const { return serializer::Json{}.dump(dict); }
    cr::Result<cr::Dict, cr::DecodeError> load(std::string_view bytes) const
    {
        return serializer::Json{}.load(bytes);
    }
};

static_assert(cr::SplicingSerializer<serializer::Json>);
static_assert(cr::SerializerPolicy<EagerJson> && !cr::SplicingSerializer<EagerJson>);

/// Whoever asks the same of two of these gets the same answers, or laziness shows.
template <class Serializer>
class World {
public:
    using Session = cr::Session<cr::storage::Memory, Serializer, cr::signer::Unsigned>;

    explicit World(std::string const& text)
    {
        backend.clock(clock);
        backend.on_event([this](cr::Event const& event) {
            heard += "event " + std::to_string(static_cast<int>(event.kind())) + "/" +
                     std::to_string(static_cast<int>(event.reason())) + "\n";
        });
        auto const key = cr::SessionKey::parse("0123456789abcdef0123456789abcdef");
        backend.storage().create(*key, {text, clock() + 24h}, clock());
        for (auto& session : sessions)
            session.emplace(backend, key);
    }

    /// Does what the numbers say, once with each serializer in the same way, and tells what came of it.
    std::string step(std::mt19937 random);

private:
    std::string act(Session& session, std::mt19937& random);

    cr::testing::ManualClock clock;
    typename Session::Backend backend{
        cr::storage::Memory{{.max_records = 100}}, {}, {}, {.commit_deadline = 1s}};
    std::array<std::optional<Session>, 3> sessions;
    std::string heard;
};

std::string pick(std::mt19937& random, std::initializer_list<char const*> texts)
{
    return texts.begin()[random() % texts.size()];
}

std::string random_name(std::mt19937& random)
{
    return pick(random, {"a", "b", "c", "visit", "cart", "_session_expiry", "", "a longer name of an item",
                         "\xC3\xA9"});
}

cr::Value random_value(std::mt19937& random, int depth = 0)
{
    switch (random() % (depth < 3 ? 11 : 8)) {
    case 0:
        return nullptr;
    case 1:
        return random() % 2 == 0;
    case 2:
        return static_cast<int>(random() % 2000) - 1000;
    case 3:
        return static_cast<double>(random() % 100'000) / 100;
    case 4:
        return static_cast<double>(random()) * 1.1e-9;
    case 5:
        return *cr::BigInteger::parse(std::to_string(random()) + std::to_string(random()) + "123");
    case 6:
    case 7:
        return pick(random, {"", "x", "a text of some length", "\"\\/\n\x7f", "\xC3\xA9\xF0\x9F\x98\x80"});
    case 8:
    case 9: {
        cr::Dict dict;
        for (auto count = random() % 4; count > 0; --count)
            dict[random_name(random)] = random_value(random, depth + 1);
        return dict;
    }
    default: {
        cr::Array array;
        for (auto count = random() % 4; count > 0; --count)
            array.push_back(random_value(random, depth + 1));
        return array;
    }
    }
}

/// What Json writes, mostly; sometimes other spellings of it, sometimes nothing that can be read.
std::string random_text(std::mt19937& random)
{
    cr::Dict dict;
    for (auto count = random() % 8; count > 0; --count)
        dict[random_name(random)] = random_value(random);
    auto text = serializer::Json{}.dump(dict);
    auto const put = [&](std::string const& what) { text.insert(random() % (text.size() + 1), what); };
    switch (random() % 8) {
    case 0:
        put(" ");
        break;
    case 1:
        put(pick(random, {"0", ".", "-", "e", "\"", "\\", "\\u0041", "\\/", "E5", "[", "}", "\xE9"}));
        break;
    case 2:
        if (!dict.empty())
            text.insert(1, R"("a":1.50,"b":[1E5,-0],"visit":7,)");
        break;
    case 3:
        text.erase(random() % text.size(), 1);
        break;
    default:
        break;
    }
    return text;
}

std::string told(cr::Value const* value)
{
    return value != nullptr ? serializer::Json::dump_value(*value) : "nothing";
}

template <class Serializer>
std::string World<Serializer>::act(Session& session, std::mt19937& random)
{
    auto const name = random_name(random);
    auto const other = random_name(random);
    switch (random() % 26) {
    case 0:
    case 1: {
        auto const value = session.get(name);
        return told(value ? &*value : nullptr);
    }
    case 2: {
        auto const& first = session.at(name); // must outlast reading, of others and of all
        auto const before = told(&first);
        session.contains(other);
        session[other].exists();
        if (random() % 2 == 0)
            session.keys();
        return told(&first) + (told(&first) == before ? "" : " changed");
    }
    case 3:
        return std::to_string(session.contains(name)) + std::to_string(session[name][other].exists()) +
               std::to_string(session[name][0].exists());
    case 4:
        return std::to_string(session[name].template as<int>());
    case 5:
    case 6:
        session[name] = random_value(random);
        return "set";
    case 7:
    case 8:
    case 9:
        session[name] += 1;
        return "counted";
    case 10:
        session[name] += random_value(random);
        return "added";
    case 11:
        session[name][other] = random_value(random);
        return "set within";
    case 12:
        session[name][random() % 2] += 1;
        return "counted within";
    case 13:
        return std::to_string(session.erase(name));
    case 14:
        return std::to_string(session[name][other].erase()) + std::to_string(session[other][0].erase());
    case 15: {
        auto const value = session.pop(name);
        return told(&value);
    }
    case 16:
        return told(&session.setdefault(name, random_value(random)));
    case 17:
        session.update(name, [](cr::Value const& value) {
            return value.is_integer() ? value.as<std::int64_t>() % 1000 * 2 : std::int64_t{5};
        });
        return "updated";
    case 18:
        session.update({{name, 1}, {other, random_value(random)}});
        return "updated two";
    case 19:
        session[name] = session[other];
        return "copied";
    case 20: {
        std::string all;
        for (auto const& [key, value] : session)
            all += key + "=" + told(&value) + ",";
        return all;
    }
    case 21:
        if (random() % 4 == 0)
            session.clear();
        return "cleared or not";
    case 22:
        clock.advance(1s);
        session.save();
        return "saved";
    case 23:
        session.set_expiry(random() % 2 == 0 ? cr::Expiry{1h} : cr::Expiry{cr::global_policy});
        return "expires in " + std::to_string(session.get_expiry_age().count());
    case 24:
        if (random() % 2 == 0)
            return told(&session.at(name)) + std::to_string(session.cookie_lifetime().value_or(0s).count());
        return serializer::Json{}.dump(session.load());
    default:
        session.save();
        return "saved";
    }
}

template <class Serializer>
std::string World<Serializer>::step(std::mt19937 random)
{
    auto& session = sessions[random() % sessions.size()];
    heard.clear();
    std::string answer;
    try {
        answer = act(*session, random);
    } catch (cr::Error const& error) {
        answer = std::string{"thrown: "} + error.what();
    }
    answer += "\n" + heard;
    answer += std::to_string(session->accessed()) + std::to_string(session->modified()) +
              std::to_string(session->is_loaded()) + std::to_string(session->is_empty()) +
              std::to_string(session->is_written()) + "\n";
    backend.storage().for_each(clock(), [&](cr::SessionKey const&, cr::Stored const& stored) {
        answer += stored.payload + std::to_string(stored.expires.time_since_epoch().count()) + "\n";
    });
    if (random() % 8 == 0) // the next request
        session.emplace(backend, session->session_key());
    return answer;
}

void behave_alike(std::string const& text, unsigned seed, int steps)
{
    World<serializer::Json> lazy{text};
    World<EagerJson> eager{text};
    std::mt19937 random{seed};
    for (int i = 0; i < steps; ++i) {
        std::mt19937 const numbers{static_cast<unsigned>(random())};
        auto const lazy_answer = lazy.step(numbers);
        auto const eager_answer = eager.step(numbers);
        if (lazy_answer != eager_answer) {
            INFO("the text " << text << ", seed " << seed << ", step " << i);
            REQUIRE(lazy_answer == eager_answer);
        }
    }
}

} // namespace

TEST_CASE("sessions that read lazily answer and store what sessions that read all at once do")
{
    for (unsigned seed = 0; seed < 2000; ++seed) {
        std::mt19937 random{seed};
        behave_alike(random_text(random), seed, 60);
    }
}

TEST_CASE("sessions read Django's texts lazily as they read them at once")
{
    for (auto const& entry : vectors({"json", "dumps"}).as<cr::Array>())
        behave_alike(text_at(entry, "text"), 1, 60);
    for (auto const& entry : vectors({"json", "loads"}).as<cr::Array>())
        behave_alike(from_hex(text_at(entry, "bytes_hex")), 2, 60);
}

TEST_CASE("a lazy dictionary reads and writes no more than it is asked for")
{
    serializer::Json const json;
    cr::LazyDict<serializer::Json> dict;
    CHECK(dict.empty());
    CHECK(dict.dump(json) == "{}");
    std::string const text = R"({"a":1,"b":{"c":[2]},"d":"x"})";
    REQUIRE(dict.load(json, std::string{text}));
    CHECK(dict.loaded_text() == text);
    CHECK_FALSE(dict.empty());
    CHECK(dict.dump(json) == text);

    auto const& readable = dict;
    auto const* const first = readable.find("a");
    REQUIRE(first != nullptr);
    CHECK(readable.find("nothing") == nullptr);
    CHECK(*readable.find("d") == "x");
    CHECK(readable.find("a") == first);
    *dict.find("d") = 3;
    CHECK(dict.dump(json) == R"({"a":1,"b":{"c":[2]},"d":3})");
    CHECK(readable.whole() == cr::Dict{{"a", 1}, {"b", cr::Dict{{"c", cr::Array{2}}}}, {"d", 3}});
    CHECK(*first == 1);
    CHECK(*readable.find("d") == 3);

    CHECK(dict.erase("a"));
    CHECK_FALSE(dict.erase("a"));
    dict["a"] = 4;
    CHECK(dict.dump(json) == R"({"b":{"c":[2]},"d":3,"a":4})");
    CHECK(dict.loaded_text() == text);
    dict.clear();
    CHECK(dict.empty());
    CHECK(dict.dump(json) == "{}");
    CHECK(dict.loaded_text() == text);
    CHECK_FALSE(dict.load(json, "{"));
    CHECK(dict.empty());
    CHECK(dict.loaded_text().empty());
}

TEST_CASE("a lazy dictionary tells what it was loaded with, whatever happened since")
{
    auto const check = [](auto const& serializer, std::string const& text) {
        cr::LazyDict<std::remove_cvref_t<decltype(serializer)>> dict;
        auto const loaded = [&](std::string_view name) {
            auto const items = dict.loaded([&](std::string_view other) { return other == name; });
            auto const* const value = items.find(name);
            return value != nullptr ? std::optional{*value} : std::nullopt;
        };
        CHECK_FALSE(loaded("a"));
        REQUIRE(dict.load(serializer, std::string{text}));
        dict["a"] = 5;
        dict["new"] = 5;
        CHECK(loaded("a") == 1);
        CHECK(loaded("b") == cr::Array{2, 3});
        CHECK_FALSE(loaded("new"));
        dict.clear();
        CHECK(loaded("a") == 1);
        auto moved = std::move(dict);
        dict = {};
        CHECK_FALSE(loaded("a"));
        dict = std::move(moved);
        CHECK(loaded("b") == cr::Array{2, 3});
        CHECK_FALSE(dict.load(serializer, "{"));
        CHECK_FALSE(loaded("a"));
    };
    check(serializer::Json{}, R"({"a":1,"b":[2,3]})");
    check(serializer::Json{}, R"( {"a": 1, "b": [ 2, 3 ]})"); // not as Json would write it
    check(EagerJson{}, R"({"a":1,"b":[2,3]})");
}

TEST_CASE("a lazy dictionary moves with what it has read")
{
    serializer::Json const json;
    cr::LazyDict<serializer::Json> dict;
    REQUIRE(dict.load(json, R"({"a":1,"b":2})"));
    *dict.find("a") = 5;
    auto moved = std::move(dict);
    CHECK(*std::as_const(moved).find("b") == 2);
    CHECK(moved.dump(json) == R"({"a":5,"b":2})");
}
