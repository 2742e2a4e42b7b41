// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/storage/signed_cookie.hpp>
#include <cloakroom/testing/ticket_laws.hpp>

#include <atomic>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// Whether the laws see what they are there to see: models that are right pass, each broken one fails.

namespace cr = cloakroom;
using cr::testing::LawBroken;

namespace {

/// Right, and not the plain text: a mark stands before the payload.
struct Marked {
    static constexpr std::string_view purpose = "marked";
    static constexpr cr::Content accepts = cr::Content::text;
    static constexpr std::size_t max_cookie_size = 2048;

    std::string seal(cr::Record const& record) const { return "v1." + record.payload; }
    std::optional<cr::Record> open(std::string_view ticket) const
    {
        if (!ticket.starts_with("v1."))
            return std::nullopt;
        return cr::Record{std::string{ticket.substr(3)}, cr::latest_time};
    }
};

/// Leaves out what does not fit.
struct Cutting : Marked {
    std::string seal(cr::Record const& record) const { return Marked::seal(record).substr(0, 900); }
};

/// Looks only at the length of the mark.
struct Careless : Marked {
    std::optional<cr::Record> open(std::string_view ticket) const
    {
        if (ticket.size() < 3)
            return std::nullopt;
        return cr::Record{std::string{ticket.substr(3)}, cr::latest_time};
    }
};

/// Takes a ticket with something after it.
struct Lenient : Marked {
    std::optional<cr::Record> open(std::string_view ticket) const
    {
        while (!ticket.empty() && ticket.back() == ' ')
            ticket.remove_suffix(1);
        return Marked::open(ticket);
    }
};

/// Makes tickets that a cookie has to quote.
struct Quoted : Marked {
    std::string seal(cr::Record const& record) const { return "v1(" + record.payload; }
    std::optional<cr::Record> open(std::string_view ticket) const
    {
        return ticket.starts_with("v1(") ? Marked::open("v1." + std::string{ticket.substr(3)}) : std::nullopt;
    }
};

/// Throws for what is no ticket.
struct Throwing : Marked {
    std::optional<cr::Record> open(std::string_view ticket) const
    {
        if (!ticket.starts_with("v1."))
            throw cr::StorageError{"no ticket"};
        return Marked::open(ticket);
    }
};

/// Lets every session end an hour too early, whatever the record says.
struct Hasty : Marked {
    std::optional<cr::Record> open(std::string_view ticket) const
    {
        auto record = Marked::open(ticket);
        if (record)
            record->expires = cr::testing::ticket_laws_detail::moment - std::chrono::hours{1};
        return record;
    }
};

/// Keeps one ticket for all threads.
struct Shared : Marked {
    Shared() = default;
    Shared(Shared&& other) noexcept : Marked{}, count{other.count.load()} {}
    Shared& operator=(Shared&&) noexcept { return *this; }

    std::string seal(cr::Record const& record) const
    {
        return count++ % 1000 == 999 ? std::string{"v1.somebody-else's"} : Marked::seal(record);
    }
    mutable std::atomic<int> count = 0;
};

template <class Storage>
void run()
{
    cr::testing::ticket_laws([] { return Storage{}; },
                             cr::testing::TicketSigners<cr::signer::Hmac>{
                                 .ours = cr::signer::Hmac{"key one"},
                                 .stranger = cr::signer::Hmac{"key two"},
                                 .successor = cr::signer::Hmac{"key three", {.fallback_keys = {"key one"}}}});
}

} // namespace

TEST_CASE("the laws of tickets hold for models that are right")
{
    CHECK_NOTHROW(run<cr::storage::SignedCookie>());
    CHECK_NOTHROW(run<Marked>());
}

TEST_CASE("the laws of tickets fail for each storage that breaks one")
{
    CHECK_THROWS_AS(run<Cutting>(), LawBroken);
    CHECK_THROWS_AS(run<Careless>(), LawBroken);
    CHECK_THROWS_AS(run<Lenient>(), LawBroken);
    CHECK_THROWS_AS(run<Quoted>(), LawBroken);
    CHECK_THROWS(run<Throwing>());
    CHECK_THROWS_AS(run<Hasty>(), LawBroken);
    CHECK_THROWS_AS(run<Shared>(), LawBroken);
}

TEST_CASE("the laws of tickets fail for signers that know each other's keys, or no fallback")
{
    auto const laws = [](cr::signer::Hmac stranger, cr::signer::Hmac successor) {
        cr::testing::ticket_laws([] { return cr::storage::SignedCookie{}; },
                                 cr::testing::TicketSigners<cr::signer::Hmac>{
                                     cr::signer::Hmac{"key one"}, std::move(stranger), std::move(successor)});
    };
    cr::signer::Hmac const stranger{"key two"};
    cr::signer::Hmac const successor{"key three", {.fallback_keys = {"key one"}}};
    CHECK_NOTHROW(laws(stranger, successor));
    CHECK_THROWS_WITH(laws(cr::signer::Hmac{"key one"}, successor),
                      "a ticket under another key is refused, but its data were used");
    CHECK_THROWS_WITH(laws(stranger, cr::signer::Hmac{"key three"}), "a ticket under a fallback key is good");
    CHECK_THROWS_WITH(
        laws(stranger, cr::signer::Hmac{"key one"}),
        "a ticket under the successor's key is refused by the one before, but its data were used");
}
