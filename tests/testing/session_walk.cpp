// SPDX-License-Identifier: MIT
#include <cloakroom/testing/session_walk.hpp>

#include "support/catch.hpp"
#include "testing/broken_storages.hpp"
#include "testing/map_storage.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/signed_cookie.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Whether the walk sees what it is there to see: policies that are right pass, each broken one fails.

namespace cr = cloakroom;
namespace serializer = cr::serializer;
using cr::testing::LawBroken;

namespace {

struct EraseDoesNothing : MapStorage {
    bool erase(Key const&) { return true; }
};

struct NeverExpires : MapStorage {
    std::optional<Stored> load(Key const& key, TimePoint) { return MapStorage::load(key, cr::earliest_time); }
};

struct CommitDoesNothing : MapStorage {
    WriteResult commit(Key const&, Stored const&, Record const&, TimePoint) { return WriteResult::committed; }
};

/// Json with one mistake each.
struct EagerJson {
    static constexpr cr::Content output = serializer::Json::output;

    std::string dump(cr::Dict const& dict) const { return serializer::Json{}.dump(dict); }
    cr::Result<cr::Dict, cr::DecodeError> load(std::string_view bytes) const
    {
        return serializer::Json{}.load(bytes);
    }
};

struct SortsNames : EagerJson {
    std::string dump(cr::Dict const& dict) const
    {
        std::vector<std::string> names;
        for (auto const& [name, value] : dict)
            names.push_back(name);
        std::sort(names.begin(), names.end());
        cr::Dict sorted;
        for (auto const& name : names)
            sorted.insert_or_assign(name, dict.at(name));
        return EagerJson::dump(sorted);
    }
};

struct DropsNulls : EagerJson {
    std::string dump(cr::Dict const& dict) const
    {
        cr::Dict kept;
        for (auto const& [name, value] : dict)
            if (!value.is_null())
                kept.insert_or_assign(name, value);
        return EagerJson::dump(kept);
    }
};

struct DropsEmptyTexts : EagerJson {
    cr::Result<cr::Dict, cr::DecodeError> load(std::string_view bytes) const
    {
        std::string text{bytes};
        if (auto const place = text.find("\"\","); place != std::string::npos)
            text.erase(place, 3);
        return EagerJson::load(text);
    }
};

template <class Storage, class Serializer, class Signer = cr::signer::Unsigned>
std::string verdict(Signer const& signer = {})
{
    cr::Backend<Storage, Serializer, Signer> backend{Storage{}, {}, signer};
    try {
        cr::testing::session_walk(backend);
    } catch (LawBroken const& broken) {
        return broken.what();
    }
    return "kept";
}

} // namespace

TEST_CASE("a walk through a session with right policies ends well")
{
    CHECK(verdict<MapStorage, serializer::Json>() == "kept");
    CHECK(verdict<MapStorage, EagerJson>() == "kept");
    cr::signer::Hmac const signer{"a secret for tests"};
    CHECK(verdict<MapStorage, serializer::Json>(signer) == "kept");
    CHECK(verdict<cr::storage::SignedCookie, serializer::Json>(signer) == "kept");
    CHECK(verdict<cr::storage::SignedCookie, EagerJson>(signer) == "kept");
}

TEST_CASE("a walk through a session shows what a broken policy does")
{
    CHECK(verdict<EraseDoesNothing, serializer::Json>() == "A flushed session's key opens nothing.");
    CHECK(verdict<broken::RotateLeavesTheOldKey, serializer::Json>() == "The old key opens nothing.");
    CHECK(verdict<NeverExpires, serializer::Json>() == "A session that is too old has no items.");
    CHECK(verdict<CommitDoesNothing, serializer::Json>() == "Changes are what the next request sees.");
    CHECK(verdict<MapStorage, SortsNames>() == "Items keep their order.");
    CHECK(verdict<MapStorage, DropsNulls>() == "A session has the items that were saved, all of them.");
    CHECK(verdict<MapStorage, DropsEmptyTexts>() == "A session has the items that were saved, all of them.");
}
