// SPDX-License-Identifier: MIT
// The smallest serializer that docs/policies/serializer.md shows, as a user writes and tests it.
#include "support/catch.hpp"

// [serializer_model]
#include <cloakroom.hpp>

#include <string>
#include <string_view>

namespace cr = cloakroom;

// JSON behind a mark, so that sessions of the next version of a program are none of this one.
class VersionedJson {
public:
    static constexpr cr::Content output = cr::Content::text;

    std::string dump(cr::Dict const& dict) const { return std::string{version} + json_.dump(dict); }

    cr::Result<cr::Dict, cr::DecodeError> load(std::string_view bytes) const
    {
        if (!bytes.starts_with(version))
            return cr::DecodeError{"a session of another version"};
        return json_.load(bytes.substr(version.size()));
    }

private:
    static constexpr std::string_view version = "v1 ";
    cr::serializer::Json json_;
};

static_assert(cr::SerializerPolicy<VersionedJson>);
// [/serializer_model]

// [serializer_tests]
#include <cloakroom/testing/explain.hpp>
#include <cloakroom/testing/serializer_laws.hpp>

TEST_CASE("VersionedJson keeps the contract")
{
    CHECK(cr::testing::explain<VersionedJson>() == "");
    cr::testing::serializer_laws(VersionedJson{});
}
// [/serializer_tests]
