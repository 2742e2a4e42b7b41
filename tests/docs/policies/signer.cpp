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

// `payload:time:signature` under SHA-512, on the class that signs Django's texts.
class Sha512 {
public:
    static constexpr cr::Content output = cr::Content::bytes; // text if the payload is

    class Bound {
    public:
        std::string sign(std::string_view payload, cr::TimePoint now) const
        {
            return texts_->sign(payload, now);
        }

        cr::Result<std::string, cr::Rejection> unsign(std::string_view text, cr::TimePoint now,
                                                      std::optional<cr::Duration> max_age) const
        {
            return texts_->unsign(text, max_age, now);
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
