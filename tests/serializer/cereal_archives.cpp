// SPDX-License-Identifier: MIT
// Counts the bytes that loading allocates, in the whole program of these tests, and lets allocations fail.
#include "support/allocations.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <cloakroom/serializer/cereal_portable_binary.hpp>
#include <cloakroom/serializer/cereal_xml.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/sqlite.hpp>
#include <cloakroom/testing/serializer_laws.hpp>
#include <cloakroom/testing/session_laws.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <streambuf>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cr = cloakroom;
using Binary = cr::serializer::Cereal<cr::serializer::PortableBinary>;
using Xml = cr::serializer::Cereal<cr::serializer::Xml>;

namespace {

template <class Serializer>
std::string refusal(std::string_view bytes)
{
    auto const loaded = Serializer{}.load(bytes);
    return loaded ? "read" : std::string{loaded.reason().reason};
}

std::string repeated(std::string_view unit, std::size_t times)
{
    std::string text;
    for (std::size_t i = 0; i < times; ++i)
        text += unit;
    return text;
}

std::string number(std::uint32_t value)
{
    std::string bytes;
    for (int shift = 0; shift < 32; shift += 8)
        bytes += static_cast<char>(value >> shift & 0xFF);
    return bytes;
}

std::string text(std::string_view characters)
{
    return number(static_cast<std::uint32_t>(characters.size())) + std::string{characters};
}

/// A dictionary in portable binary with one item, "a", that `value` is.
std::string with_item(std::string const& value)
{
    return '\1' + number(1) + text("a") + value;
}

std::string with_element(std::string const& element)
{
    return "<cereal><object><key>a</key>" + element + "</object></cereal>";
}

} // namespace

TEMPLATE_TEST_CASE("cereal's forms of the dictionary keep the serializer laws", "", Binary, Xml)
{
    auto const report = cr::testing::serializer_laws(TestType{}, {.damages = 1000});
    CHECK(report.round_trips > 10);
    CHECK(report.damaged > 20'000);
    CHECK(report.still_read > 100);
    CHECK(report.still_read < report.damaged);
}

TEST_CASE("the XML is one line that a person can read")
{
    cr::Dict const dict{{"visit", 1},
                        {" <a> ", cr::Array{nullptr, true, 1.5, "\"it's\" \\ &\n", cr::Dict{}, cr::Array{}}}};
    CHECK(Xml{}.dump(dict) ==
          R"(<?xml version="1.0" encoding="utf-8"?><cereal><object><key>visit</key><integer>1</integer>)"
          R"(<key>\u0020\u003ca\u003e\u0020</key><array><null></null><boolean>true</boolean>)"
          R"(<number>1.5</number><string>\u0022it\u0027s\u0022 \\ \u0026\n</string><object/><array/></array>)"
          R"(</object></cereal>)");
}

TEST_CASE("the XML reader takes our XML alone")
{
    CHECK(refusal<Xml>(with_element("<integer>1</integer>")) == "read");
    CHECK(refusal<Xml>(with_element("<integer>1.0</integer>")) != "read");
    CHECK(refusal<Xml>(with_element("<number>1</number>")) != "read");
    CHECK(refusal<Xml>(with_element("<array>1</array>")) == "a text where elements are wanted");
    for (auto const* const element : {"<null>x</null>",
                                      "<string>\"</string>",
                                      "<string>\\u12</string>",
                                      "<string>\\ud83d",
                                      "<other/>",
                                      "<integer a=\"1\">1</integer>",
                                      "<integer>1</number>",
                                      "<boolean>1</boolean>",
                                      "<key>a</key>",
                                      "",
                                      "<string><string>x</string></string>",
                                      "<string>x<null/></string>",
                                      "<string><null/>x</string>",
                                      "<!-- x --><null/>",
                                      "<![CDATA[x]]>",
                                      "<?x y?><null/>",
                                      "<string>&amp;</string>",
                                      "<string>&#65;</string>",
                                      "<string>\xC3\xA4</string>",
                                      "<string>\n</string>",
                                      "x<null/>",
                                      "<null/>x",
                                      "<NULL/>",
                                      "<integer>1</integer ><null/>"}) {
        INFO(element);
        CHECK(refusal<Xml>(with_element(element)) != "read");
    }
    CHECK(refusal<Xml>(with_element("<null/><key>a</key><null/>")) == "a name that comes twice");
    for (auto const* const whole : {"", "<", "<cereal>", "<cereal/>", "<cereal><array/></cereal>",
                                    "<cereal><object/><object/></cereal>", "<cereal><object/></cereal>x",
                                    "<cereal><object/></cereal><cereal/>", "<other><object/></other>",
                                    "</cereal>", "<?xml version=\"1.0\"?><cereal><object/></cereal>"}) {
        INFO(whole);
        CHECK(refusal<Xml>(whole) != "read");
    }
    CHECK(refusal<Xml>("<cereal><object/></cereal>") == "read");
}

TEST_CASE("the XML reader expands no entity and opens no document type")
{
    std::string bomb = "<?xml version=\"1.0\" encoding=\"utf-8\"?><!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\">";
    for (char name = 'b'; name < 'k'; ++name)
        bomb += "<!ENTITY " + std::string{name} + " \"" +
                repeated('&' + std::string{static_cast<char>(name - 1)} + ';', 10) + "\">";
    CHECK(refusal<Xml>(bomb + "]><cereal><object><key>k</key><string>&j;</string></object></cereal>") ==
          "neither an element nor its end");
    CHECK(refusal<Xml>("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><cereal><object/></cereal>") != "read");
}

TEST_CASE("the binary reader takes what is in its shortest form alone, once, and to the end")
{
    auto const ones = std::string(8, '\xFF');
    CHECK(refusal<Binary>(with_item(std::string(1, '\0'))) == "read");
    CHECK(refusal<Binary>(with_item('\4' + ones)) == "read");
    CHECK(refusal<Binary>(with_item('\4' + std::string(8, '\1'))) ==
          "an integer in a longer form than its own");
    CHECK(refusal<Binary>(with_item('\5' + text("18446744073709551616"))) == "read");
    for (auto const* const digits : {"18446744073709551615", "-9223372036854775808", "0", "", "-", "1x",
                                     "018446744073709551616", "+18446744073709551616", "1e30"}) {
        INFO(digits);
        CHECK(refusal<Binary>(with_item('\5' + text(digits))) == "not the digits of a large integer");
    }
    CHECK(refusal<Binary>(with_item('\5' + text(std::string(4301, '1')))) ==
          "an integer of more than 4300 digits");
    CHECK(refusal<Binary>(with_item('\7' + text("\xC3\xA4"))) == "read");
    CHECK(refusal<Binary>(with_item('\7' + text("\xC3"))) == "a string that is not UTF-8");
    CHECK(refusal<Binary>(with_item('\7' + text("\xED\xA0\xBD\xED\xB8\x80"))) ==
          "a string that is not UTF-8");
    CHECK(refusal<Binary>('\1' + number(1) + text("\xFF") + '\0') == "a string that is not UTF-8");
    CHECK(refusal<Binary>(with_item("\12")) == "a value of an unknown kind");
    CHECK(refusal<Binary>(with_item(std::string(1, '\0')) + '\0') == "something follows the dictionary");
    CHECK(refusal<Binary>('\1' + number(2) + text("a") + '\0' + text("a") + '\0') ==
          "a name that comes twice");
    CHECK(refusal<Binary>('\2' + number(0)) == "no byte order at the beginning");
    CHECK(refusal<Binary>("") == "no byte order at the beginning");
    CHECK(refusal<Binary>(std::string(5, '\0')) == "read"); // of a machine with the other byte order
    CHECK(refusal<Binary>("\1") == "not what cereal has written");
}

TEST_CASE("hostile bytes are refused with little memory")
{
    auto const loaded_with = []<class Serializer>(Serializer const& serializer, std::string_view bytes) {
        auto const before = allocated_bytes;
        CHECK_FALSE(serializer.load(bytes).has_value());
        return allocated_bytes - before;
    };
    constexpr std::size_t little = 100'000;
    auto const huge = number(0xFFFFFFFF);
    for (auto const& bytes : {'\1' + huge, '\1' + number(1) + huge, with_item('\7' + huge),
                              with_item('\10' + huge), with_item('\11' + huge), with_item('\5' + huge)})
        CHECK(loaded_with(Binary{}, bytes) < little);
    CHECK(loaded_with(Binary{}, with_item(repeated('\10' + number(1), 200'000))) < little);
    CHECK(loaded_with(Binary{}, with_item(repeated('\10' + number(10), 200'000))) < 3 * little);
    CHECK(loaded_with(Binary{}, with_item(repeated('\11' + number(1) + text("a"), 200'000))) < 2 * little);

    CHECK(loaded_with(Xml{}, repeated("<a>", 200'000)) < little);
    CHECK(loaded_with(Xml{}, "<cereal><object><key>a</key>" + repeated("<array>", 200'000) +
                                 repeated("</array>", 200'000) + "</object></cereal>") < little);
    CHECK(loaded_with(Xml{}, repeated("<", 200'000)) < little);
}

TEST_CASE("what many small values take is at most 50 times the bytes")
{
    auto const factor = []<class Serializer>(Serializer const& serializer, std::string_view bytes) {
        auto const before = allocated_bytes;
        CHECK(serializer.load(bytes).has_value());
        return (allocated_bytes - before) / bytes.size();
    };
    constexpr std::uint32_t many = (1U << 20) + 1; // where containers that double have the most to spare
    CHECK(factor(Binary{}, with_item('\10' + number(many) + std::string(many, '\0'))) < 50);
    auto const small = many / 8;
    CHECK(factor(Binary{}, with_item('\10' + number(small) + repeated('\10' + number(1) + '\0', small))) <
          50);
    auto const one = '\11' + number(1) + number(0) + '\0';
    CHECK(factor(Binary{}, with_item('\10' + number(small) + repeated(one, small))) < 50);
    std::string entries;
    for (std::uint32_t i = 0; i < small; ++i) // in base 128: the shortest names that there are
        entries += text(std::string{static_cast<char>(i & 127), static_cast<char>(i >> 7 & 127),
                                    static_cast<char>(i >> 14 & 127)}) +
                   '\0';
    CHECK(factor(Binary{}, with_item('\11' + number(small) + entries)) < 50);

    CHECK(factor(Xml{}, with_element("<array>" + repeated("<null/>", small + 1) + "</array>")) < 50);
    CHECK(factor(Xml{}, with_element("<array>" + repeated("<array/>", small + 1) + "</array>")) < 50);
    CHECK(factor(Xml{}, with_element("<array>" + repeated("<object><key/><null/></object>", small) +
                                     "</array>")) < 50);
}

TEST_CASE("what is refused in the end takes no more memory than what is read")
{
    auto const factor = []<class Serializer>(Serializer const& serializer, std::string_view bytes) {
        auto const before = allocated_bytes;
        CHECK_FALSE(serializer.load(bytes).has_value());
        return (allocated_bytes - before) / bytes.size();
    };
    // Arrays within arrays that each say that all the rest is theirs, and the same of dictionaries.
    constexpr std::uint32_t many = 1U << 20;
    std::string arrays;
    std::string dicts;
    for (std::uint32_t depth = 0; depth < 500; ++depth) {
        arrays += '\10' + number(many - 5 * depth);
        dicts += '\11' + number((many - 10 * depth) / 5) + text("a");
    }
    CHECK(factor(Binary{}, with_item(arrays + std::string(many, '\0'))) < 50);
    CHECK(factor(Binary{}, with_item(dicts + std::string(many, '\0'))) < 50);

    CHECK(factor(Xml{}, "<cereal>" + repeated("<a/>", many) + "</cereal>") == 0);
    CHECK(factor(Xml{}, "<cereal>" + repeated("<key/>", many) + "</cereal>") < 50);
}

namespace {

struct Page {
    std::array<char, 4096> characters;
};

} // namespace

template <>
struct cloakroom::Conversion<Page> {
    static Value to_value(Page const& page) { return page.characters[0] - '0'; }
    static Page from_value(Value const& value, Where const& where)
    {
        return {{static_cast<char>('0' + value.as<int>(where))}};
    }
};

TEST_CASE("a vector makes no room for large elements before one was read")
{
    cr::Value const nulls{cr::Array(100'000)};
    auto const before = allocated_bytes;
    CHECK_THROWS_AS(nulls.as<std::vector<Page>>(), cr::TypeError);
    CHECK(allocated_bytes - before < 10'000);
    CHECK(cr::Value{cr::Array{1, 2, 3}}.as<std::vector<Page>>()[2].characters[0] == '3');
}

TEMPLATE_TEST_CASE("cereal's forms are refused when they are larger than the limit", "", Binary, Xml)
{
    CHECK(refusal<TestType>(std::string(cr::max_payload_size + 1, '\1')) == "more than 16 MiB");
    cr::Dict dict;
    dict["text"] = std::string(cr::max_payload_size / 2, '<');
    dict["more"] = std::string(cr::max_payload_size / 2, '<');
    CHECK_THROWS_AS(TestType{}.dump(dict), cr::TypeError);
}

TEMPLATE_TEST_CASE("where memory ends, cereal's forms are written and read as a whole or not at all", "",
                   Binary, Xml)
{
    cr::Array array;
    for (int i = 0; i < 300; ++i)
        array.emplace_back("a text that is longer than a string keeps in itself, number " +
                           std::to_string(i));
    cr::Dict const dict{{"visit", 1}, {"list", std::move(array)}};
    auto const whole = TestType{}.dump(dict);
    auto const with_failures = [](auto const& check) { // of the first allocation, then the second, ...
        std::size_t failures = 0;
        for (auto has_failed = true; has_failed; ++failures) {
            successes_before_failure = failures;
            auto is_whole = true;
            try {
                is_whole = check();
            } catch (std::bad_alloc const&) { // NOLINT(bugprone-empty-catch): the other right answer
            }
            has_failed = std::exchange(successes_before_failure, no_failure) == no_failure;
            CHECK(is_whole);
        }
        return failures;
    };
    CHECK(with_failures([&] { return TestType{}.dump(dict) == whole; }) > 3);
    CHECK(with_failures([&] { return *TestType{}.load(whole) == dict; }) > 300);
}

namespace {

struct Stubborn { // a format that cereal refuses, for a reason that quotes the session
    static constexpr auto output = cr::Content::bytes;

    static void write(cr::Dict const& dict, std::streambuf&)
    {
        throw cereal::Exception{"no " + dict.begin()->key};
    }
    static cr::Result<cr::Dict, cr::DecodeError> read(std::string_view) { return cr::Dict{}; }
};

} // namespace

TEST_CASE("what cereal throws while it writes is a TypeError that quotes nothing")
{
    try {
        (void)cr::serializer::Cereal<Stubborn>{}.dump({{"secret", 1}});
        FAIL("no error");
    } catch (cr::TypeError const& error) {
        CHECK(error.what() == std::string{"cereal cannot write the session's data"});
    }
}

TEST_CASE("the sink of cereal's streams can be asked for room without a byte")
{
    struct Sink : cr::serializer::cereal_detail::StringSink {
        using cr::serializer::cereal_detail::StringSink::overflow;
    };
    Sink sink;
    sink.sputc('a');
    CHECK(sink.overflow(Sink::traits_type::eof()) != Sink::traits_type::eof());
    sink.sputc('b');
    CHECK(sink.take() == "ab");
}

TEST_CASE("sessions are kept in cereal's forms: bytes where the storage takes them, else signed or as XML")
{
    TemporaryFolder const folder;
    auto const round_trip = []<class Session>(typename Session::Backend& backend, Session*) {
        Session session{backend};
        session["visit"] += 1;
        session["name"] = std::string("a\0b", 3);
        session.save();
        Session later{backend, *session.session_key()};
        later["visit"] += 1;
        later.save();
        Session last{backend, *session.session_key()};
        CHECK(last["visit"].template as<int>() == 2);
        CHECK(last["name"].template as<std::string>().size() == 3);
    };
    auto const open = [&] {
        cr::storage::Sqlite storage{folder.path("sessions.sqlite3")};
        storage.migrate();
        return storage;
    };
    cr::signer::Hmac const hmac{"a secret for tests"};

    using InMemory = cr::Session<cr::storage::Memory, Binary, cr::signer::Unsigned>;
    InMemory::Backend in_memory{{}, {}, {}, {}};
    round_trip(in_memory, static_cast<InMemory*>(nullptr));
    using Signed = cr::Session<cr::storage::Sqlite, Binary, cr::signer::Hmac>;
    Signed::Backend signed_backend{open(), {}, hmac, {}};
    round_trip(signed_backend, static_cast<Signed*>(nullptr));
    using AsXml = cr::Session<cr::storage::Sqlite, Xml, cr::signer::Unsigned>;
    AsXml::Backend as_xml{open(), {}, {}, {}};
    round_trip(as_xml, static_cast<AsXml*>(nullptr));
}

TEST_CASE("sessions in cereal's portable binary lose nothing in any order of two requests' storage calls")
{
    using Session = cr::Session<cr::storage::Memory, Binary, cr::signer::Unsigned>;
    auto const report =
        cr::testing::session_laws<Session>([] { return cr::storage::Memory{}; }, {}, {.clients = 2});
    CHECK(report.schedules > 500);
    CHECK(report.complete);
}
