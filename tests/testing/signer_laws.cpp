// SPDX-License-Identifier: MIT
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/result.hpp>
#include <cloakroom/signer/concept.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/testing/law.hpp>
#include <cloakroom/testing/signer_laws.hpp>

#include "support/catch.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace {

namespace cr = cloakroom;
using cr::Rejection;
using cr::signer::Hmac;
using Answer = cr::Result<std::string, Rejection>;

/// Hmac with one thing wrong.
enum class Fault {
    none,
    ignores_purpose,
    ignores_age,
    ignores_last_character,
    ignores_what_precedes,
    loses_a_byte,
    throws_on_garbage,
    wrong_reason,
    joins_purpose,
    refers_to_itself,
    forgets_old_keys
};

template <Fault fault>
class Faulty {
public:
    static constexpr cr::Content output =
        fault == Fault::joins_purpose ? cr::Content::bytes : cr::Content::text;

    class Bound {
    public:
        Bound(Faulty const& signer, std::string purpose)
            : signer_(signer),
              purpose_(std::move(purpose)),
              good_(signer.hmac_->bind(
                  fault == Fault::ignores_purpose || fault == Fault::joins_purpose ? "one" : purpose_))
        {
        }

        std::string sign(std::string_view payload, cr::TimePoint now) const
        {
            if (fault == Fault::loses_a_byte && payload.size() == 256)
                payload.remove_suffix(1);
            if (fault == Fault::joins_purpose) // with nothing between the two
                return std::string{payload} + "|" + good_.sign(purpose_ + std::string{payload}, now);
            if (fault == Fault::refers_to_itself)
                return signer_.hmac_->bind(purpose_).sign(payload, now);
            return good_.sign(payload, now) + (fault == Fault::ignores_last_character ? "x" : "");
        }

        Answer unsign(std::string_view text, cr::TimePoint now, std::optional<cr::Duration> max_age) const
        {
            if (fault == Fault::ignores_last_character && !text.empty())
                text.remove_suffix(1);
            if (fault == Fault::ignores_what_precedes && text.starts_with('~'))
                text.remove_prefix(1);
            if (fault == Fault::throws_on_garbage && text.find(':') == std::string_view::npos)
                throw std::runtime_error{"no separator"};
            if (fault == Fault::joins_purpose) {
                auto const bar = text.rfind('|');
                if (bar == text.npos)
                    return Rejection::bad_signature;
                auto const joined = good_.unsign(text.substr(bar + 1), now, max_age);
                if (!joined)
                    return joined;
                auto const payload = std::string{text.substr(0, bar)};
                return *joined == purpose_ + payload ? Answer{payload} : Answer{Rejection::bad_signature};
            }
            auto answer = good_.unsign(text, now, fault == Fault::ignores_age ? std::nullopt : max_age);
            if (fault == Fault::wrong_reason && !answer)
                return Rejection::malformed;
            return answer;
        }

    private:
        Faulty const& signer_;
        std::string purpose_;
        Hmac::Bound good_;
    };

    explicit Faulty(char const* key, std::vector<cr::Secret> old_keys = {})
        : hmac_(std::make_shared<Hmac const>(
              key, cr::signer::HmacOptions{.fallback_keys = fault == Fault::forgets_old_keys
                                                                ? std::vector<cr::Secret>{}
                                                                : std::move(old_keys)}))
    {
    }
    Bound bind(std::string_view purpose) const { return {*this, std::string{purpose}}; }

private:
    std::shared_ptr<Hmac const> hmac_;
};

template <Fault fault>
void is_found(char const* words)
{
    Faulty<fault> const ours{"key"};
    Faulty<fault> const stranger{"other key"};
    Faulty<fault> const successor{"third key", {"key"}};
    CHECK_THROWS_AS(cr::testing::signer_laws(ours, stranger, successor), cr::testing::LawBroken);
    CHECK_THROWS_WITH(cr::testing::signer_laws(ours, stranger, successor), catch_::ContainsSubstring(words));
}

} // namespace

TEST_CASE("the laws find a signer with one thing wrong, and say what it is")
{
    using Right = Faulty<Fault::none>;
    CHECK_NOTHROW(cr::testing::signer_laws(Right{"key"}, Right{"other key"}, Right{"third key", {"key"}}));
    is_found<Fault::ignores_purpose>("another purpose");
    is_found<Fault::ignores_age>("expired");
    is_found<Fault::ignores_last_character>("one bit changed");
    is_found<Fault::ignores_what_precedes>("a character before it");
    is_found<Fault::loses_a_byte>("comes back");
    is_found<Fault::throws_on_garbage>("answers for every text");
    is_found<Fault::wrong_reason>("as a bad signature");
    is_found<Fault::joins_purpose>("moved into or out of the purpose");
    is_found<Fault::refers_to_itself>("what bind gives does not refer to the signer");
    is_found<Fault::forgets_old_keys>("who changes the key logs nobody out");
}

TEST_CASE("the laws find two signers that should have different keys and have the same")
{
    CHECK_THROWS_WITH(cr::testing::signer_laws(Hmac{"key"}, Hmac{"key"}),
                      catch_::ContainsSubstring("another key"));
}
