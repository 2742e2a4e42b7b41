// SPDX-License-Identifier: MIT
// Two requests of one visitor change the same cart at the same time: what either has put in or taken out is
// done.
#include <cloakroom.hpp>

#include <algorithm>
#include <exception>
#include <iostream>
#include <map>
#include <string>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

// [fields]
using Cart = std::map<std::string, int>;

/// What both have put in and taken out: `base` is what they began with.
Cart join(Cart const& base, Cart theirs, Cart const& ours)
{
    for (auto const& [article, count] : ours)
        theirs[article] += count;
    for (auto const& [article, count] : base)
        theirs[article] -= count;
    std::erase_if(theirs, [](auto const& line) { return line.second <= 0; });
    return theirs;
}

inline constexpr auto visit = cr::field<"visit", int>;
inline constexpr auto best = cr::field<"best", int, cr::max>;
inline constexpr auto cart = cr::field<"cart", Cart, cr::merge<join>>;

void put_in(Session& session, std::string const& article, int score)
{
    session[visit] += 1; // session[visit] = "one" does not compile
    session[best] = std::max(session.get(best, 0), score);
    auto articles = session.get(cart, {});
    ++articles[article];
    session[cart] = articles;
}

void take_out(Session& session, std::string const& article)
{
    auto articles = session.get(cart, {});
    articles.erase(article);
    session[cart] = articles;
}
// [/fields]

int main()
try {
    Session::Backend backend{cr::storage::Memory{}};
    Session first{backend};
    put_in(first, "coat", 3);
    put_in(first, "gloves", 3);
    first.save();

    Session slow{backend, first.session_key()};
    put_in(slow, "hat", 9);
    take_out(slow, "coat");
    Session fast{backend, first.session_key()};
    put_in(fast, "scarf", 5);
    take_out(fast, "gloves");
    fast.save();
    slow.save();

    std::cout << cr::serializer::Json{}.dump(slow.load()) << '\n';
    return 0;
} catch (std::exception const& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
