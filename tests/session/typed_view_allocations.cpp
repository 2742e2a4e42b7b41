// SPDX-License-Identifier: MIT
// Counts the allocations of the calling thread, in the whole program of these tests.
#include <cloakroom/session/session.hpp>

#include "support/allocations.hpp"
#include "support/catch.hpp"
#include "support/shop.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace cr = cloakroom;
using shop::Shop;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

namespace {

struct Numbers {
    int visits = 0;
    double total = 0;
    bool open = false;
    std::string_view note;
};

struct Cost {
    std::size_t allocations = 0;
    std::size_t bytes = 0;
};

/// What `use` allocates in a loaded session with these items.
template <class Use>
Cost cost(std::string const& text, Use use)
{
    Session::Backend backend{cr::storage::Memory{}};
    Session first{backend};
    first.update(*cr::serializer::Json{}.load(text));
    first.save();
    Session session{backend, first.session_key()};
    session.contains("no such item");
    auto const allocations_before = allocations;
    auto const bytes_before = allocated_bytes;
    use(session);
    return {allocations - allocations_before, allocated_bytes - bytes_before};
}

std::string const numbers = R"("visits":3,"total":2.5,"open":true,"note":"a short one")";
std::string const members =
    R"("visits":3,"cart":[{"name":"a coat with a name that is on the heap","price":9.5},{"name":"hat"}])";

/// A large item that no member names.
std::string with_more(std::string const& items)
{
    std::string text = "{\"other\":[";
    for (int i = 0; i < 1000; ++i)
        text += "{\"number\":" + std::to_string(i) + "},";
    return text + "0]," + items + "}";
}

} // namespace

BOOST_HANA_ADAPT_STRUCT(Numbers, visits, total, open, note);

TEST_CASE("a view of numbers and short texts allocates nothing, however much else is in the session")
{
    auto const read = [](Session& session) { CHECK(session.as<Numbers>().visits == 3); };
    for (auto const& text : {"{" + numbers + "}", with_more(numbers)}) {
        CHECK(cost(text, [](Session& session) { session.as<Numbers>(); }).allocations == 0);
        CHECK(cost(text, [](Session& session) { session.assign(session.as<Numbers>()); }).allocations == 0);
        cost(text, read);
    }
    CHECK(cost(with_more(numbers), [](Session& session) { session.items(); }).allocations > 1000);
}

TEST_CASE("a view allocates what its members need, however much else is in the session")
{
    auto const first = [](Session& session) { session.as<Shop>(); };
    auto const alone = cost("{" + members + "}", first);
    auto const with_others = cost(with_more(members), first);
    CHECK(with_others.allocations == alone.allocations);
    CHECK(with_others.bytes == alone.bytes);

    // What is read already is copied: a vector and a name. The short ones stand in the struct.
    cost(with_more(members), [](Session& session) {
        session.as<Shop>();
        auto const before = allocations;
        auto const view = session.as<Shop>();
        auto const made = allocations - before;
        CHECK(made == 2);
        CHECK(view.cart.size() == 2);
    });
}
