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
    wrong_reason
};

template <Fault fault>
class Faulty {
public:
    static constexpr cr::Content output = cr::Content::text;

    class Bound {
    public:
        explicit Bound(Hmac::Bound good) : good_(std::move(good)) {}

        std::string sign(std::string_view payload, cr::TimePoint now) const
        {
            if (fault == Fault::loses_a_byte && payload.size() == 256)
                payload.remove_suffix(1);
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
            auto answer = good_.unsign(text, now, fault == Fault::ignores_age ? std::nullopt : max_age);
            if (fault == Fault::wrong_reason && !answer)
                return Rejection::malformed;
            return answer;
        }

    private:
        Hmac::Bound good_;
    };

    explicit Faulty(char const* key) : hmac_(key) {}
    Bound bind(std::string_view purpose) const
    {
        return Bound{hmac_.bind(fault == Fault::ignores_purpose ? "one" : purpose)};
    }

private:
    Hmac hmac_;
};

template <Fault fault>
void is_found(char const* words)
{
    CHECK_THROWS_AS(cr::testing::signer_laws(Faulty<fault>{"key"}), cr::testing::LawBroken);
    CHECK_THROWS_WITH(cr::testing::signer_laws(Faulty<fault>{"key"}), catch_::ContainsSubstring(words));
}

} // namespace

TEST_CASE("the laws find a signer with one thing wrong, and say what it is")
{
    CHECK_NOTHROW(cr::testing::signer_laws(Faulty<Fault::none>{"key"}, Faulty<Fault::none>{"other key"}));
    is_found<Fault::ignores_purpose>("another purpose");
    is_found<Fault::ignores_age>("expired");
    is_found<Fault::ignores_last_character>("one bit changed");
    is_found<Fault::ignores_what_precedes>("a character before it");
    is_found<Fault::loses_a_byte>("comes back");
    is_found<Fault::throws_on_garbage>("answers for every text");
    is_found<Fault::wrong_reason>("as a bad signature");
}

TEST_CASE("the laws find two signers that should have different keys and have the same")
{
    CHECK_THROWS_WITH(cr::testing::signer_laws(Hmac{"key"}, Hmac{"key"}),
                      catch_::ContainsSubstring("another key"));
}
