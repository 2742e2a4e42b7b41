// SPDX-License-Identifier: MIT
// The smallest signer that docs/policies/signer.md shows, as a user writes and tests it.
#include "support/catch.hpp"

// [signer_model]
#include <cloakroom.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cr = cloakroom;

// `base64:time:signature` under SHA-512, on the class that signs Django's texts.
class Sha512 {
public:
    static constexpr cr::Content output = cr::Content::text; // thanks to base64, whatever the payload is

    class Bound {
    public:
        std::string sign(std::string_view payload, cr::TimePoint now) const
        {
            return texts_->sign(cr::base64url_encode(payload), now);
        }

        cr::Result<std::string, cr::Rejection> unsign(std::string_view text, cr::TimePoint now,
                                                      std::optional<cr::Duration> max_age) const
        {
            auto const encoded = texts_->unsign(text, max_age, now);
            if (!encoded)
                return encoded.reason();
            if (auto payload = cr::base64url_decode(*encoded))
                return *std::move(payload);
            return cr::Rejection::malformed;
        }

    private:
        friend Sha512;
        using Texts = cr::signing::BasicTimestampSigner<cr::signing::Sha512>;

        Bound(cr::Secret const& key, std::string_view purpose)
            : texts_{std::make_shared<Texts const>(key,
                                                   cr::signing::SignerOptions{.salt = std::string{purpose}})}
        {
        }

        std::shared_ptr<Texts const> texts_; // may be called from all threads
    };

    explicit Sha512(cr::Secret key) : key_{std::move(key)} {}

    Bound bind(std::string_view purpose) const { return {key_, purpose}; }

private:
    cr::Secret key_;
};

static_assert(cr::SignerPolicy<Sha512>);
// [/signer_model]

// [signer_tests]
#include <cloakroom/testing/explain.hpp>
#include <cloakroom/testing/signer_laws.hpp>

TEST_CASE("Sha512 keeps the contract")
{
    CHECK(cr::testing::explain<Sha512>() == "");
    cr::testing::signer_laws(Sha512{"a secret key"}, Sha512{"another key"});
}
// [/signer_tests]

// What the page says of its output.
static_assert(cr::go_together<cr::storage::SignedCookie, cr::serializer::Json, Sha512>);
