// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <cloakroom/http/clear_site_data.hpp>
#include <cloakroom/http/middleware.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/testing/manual_clock.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace cr = cloakroom;
using namespace std::chrono_literals;

namespace {

using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;
using Middleware = cr::http::Middleware<Session>;

std::vector<std::string> names_of(cr::http::Outcome const& outcome)
{
    std::vector<std::string> names;
    for (auto const& header : outcome.headers)
        names.push_back(header.name);
    return names;
}

} // namespace

TEST_CASE("R26 T-vary: every response with a cookie says no-store if it is asked for, and every one that the "
          "session "
          "went into says Vary")
{
    for (bool const no_store : {false, true}) {
        cr::testing::ManualClock const clock;
        Session::Backend backend{cr::storage::Memory{},
                                 {},
                                 cr::signer::Hmac{"a secret of the tests"},
                                 {.cookie_age = 30min, .renewal_threshold = 1min, .no_store = no_store}};
        backend.clock(clock);
        Middleware const middleware{backend};
        auto const with_cookie = no_store ? std::vector<std::string>{"Set-Cookie", "Cache-Control", "Vary"}
                                          : std::vector<std::string>{"Set-Cookie", "Vary"};
        std::vector<std::string> const vary{"Vary"};
        std::vector<std::string> const nothing;
        auto const headers = [&](std::string const& cookie, auto use, int status = 200) {
            auto session = middleware.open(cookie);
            use(session);
            auto const& outcome = middleware.close(session, status);
            for (auto const& [name, value] : outcome.headers) {
                CHECK((name != "Cache-Control" || value == "no-store"));
                CHECK((name != "Vary" || value == "Cookie"));
            }
            return names_of(outcome);
        };
        auto const none = [](Session&) {};
        auto const reads = [](Session& session) { (void)session.contains("visit"); };
        auto const writes = [](Session& session) { session["visit"] += 1; };

        CHECK(headers("", none) == nothing);
        CHECK(headers("", reads) == vary);
        CHECK(headers("", writes) == with_cookie);
        CHECK(headers("", writes, 500) == vary);

        Session known{backend};
        known["visit"] = 1;
        known.save();
        auto const cookie = "sessionid=" + std::string{known.session_key()->reveal()};
        CHECK(headers(cookie, none) == nothing);
        CHECK(headers(cookie, reads) == vary);
        clock.advance(1min);
        CHECK(headers(cookie, reads) == with_cookie); // renewed
        CHECK(headers(cookie, writes) == with_cookie);
        CHECK(headers(cookie, [](Session& session) { (void)session.items(); }) == vary);
        CHECK(headers("sessionid=unknownunknownunknownunknown0000", reads) == with_cookie); // removed
        CHECK(headers(cookie, [](Session& session) { session.flush(); }) == with_cookie);
    }
}

TEST_CASE("R27: a logout can have the browser forget what it holds")
{
    CHECK(cr::http::clear_site_data() ==
          cr::http::Header{"Clear-Site-Data", "\"cache\", \"cookies\", \"storage\""});
}
