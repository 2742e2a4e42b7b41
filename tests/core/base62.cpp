// SPDX-License-Identifier: MIT
#include <cloakroom/core/base62.hpp>

#include "support/catch.hpp"
#include "support/vectors.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace {

namespace cr = cloakroom;

/// A vector's decimal text, when it fits 64 bits.
std::optional<std::int64_t> number_of(std::string const& decimal)
{
    try {
        return std::stoll(decimal);
    } catch (std::out_of_range const&) {
        return std::nullopt;
    }
}

} // namespace

TEST_CASE("base 62 is Django's in both directions, within 64 bits (S-416)")
{
    for (auto const& entry : vectors({"base62", "encode"}).as<cr::Array>()) {
        auto const pair = entry.as<cr::Array>();
        auto const number = number_of(pair[0].as<std::string>());
        auto const text = pair[1].as<std::string>();
        CAPTURE(text);
        CHECK(cr::Base62::decode(text) == number);
        if (number)
            CHECK(cr::Base62{*number}.text() == text);
    }
    for (auto const& entry : vectors({"base62", "decode"}).as<cr::Array>()) {
        auto const pair = entry.as<cr::Array>();
        auto const text = pair[0].as<std::string>();
        CAPTURE(text);
        if (pair[1].get_if<cr::Dict>()->contains("ok"))
            CHECK(cr::Base62::decode(text) == number_of(text_at(pair[1], "ok")));
        else
            CHECK(cr::Base62::decode(text) == std::nullopt);
    }
}

TEST_CASE("base 62 takes every 64-bit number and nothing larger")
{
    using Limits = std::numeric_limits<std::int64_t>;
    CHECK(cr::Base62{Limits::max()}.text() == "AzL8n0Y58m7");
    CHECK(cr::Base62{Limits::min()}.text() == "-AzL8n0Y58m8");
    CHECK(cr::Base62::decode("AzL8n0Y58m7") == Limits::max());
    CHECK(cr::Base62::decode("-AzL8n0Y58m8") == Limits::min());
    CHECK(cr::Base62::decode("AzL8n0Y58m8") == std::nullopt);
    CHECK(cr::Base62::decode("-AzL8n0Y58m9") == std::nullopt);
    CHECK(cr::Base62::decode(std::string(1'000, 'z')) == std::nullopt);
    CHECK(cr::Base62::decode(std::string(1'000, '0') + "1") == 1);
}

static_assert(cr::Base62{1'780'000'000}.text() == "1wShJQ");
static_assert(cr::Base62::decode("1wShJQ") == 1'780'000'000);
