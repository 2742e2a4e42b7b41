// SPDX-License-Identifier: MIT
// A shopping cart whose classes have functions for cereal: http://127.0.0.1:8000/cart?add=coat&price=12.50
#include "options.hpp"
#include "page.hpp"
#include "serve.hpp"

#include <cloakroom.hpp>
#include <cloakroom/http/httplib.hpp>
#include <cloakroom/serializer/cereal.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include <cereal/types/set.hpp>
#include <cereal/types/vector.hpp>
#include <exception>
#include <iostream>
#include <set>
#include <string>
#include <vector>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Sqlite, cr::serializer::Json, cr::signer::Hmac>;

namespace {

// [classes]
struct Article {
    std::string name;
    double price = 0;

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(CEREAL_NVP(name), CEREAL_NVP(price));
    }
};

struct Cart {
    std::vector<Article> articles;
    std::set<std::string> vouchers;

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(CEREAL_NVP(articles), CEREAL_NVP(vouchers));
    }
};
// [/classes]

double number(std::string const& text)
try {
    return std::stod(text);
} catch (std::exception const&) {
    return 0;
}

void show(httplib::Response& response, Cart const& cart)
{
    std::string body = "<h1>Cart</h1><ul>";
    double sum = 0;
    for (auto const& article : cart.articles) {
        body += "<li>" + examples::escape(article.name) + "</li>";
        sum += article.price;
    }
    response.set_content(examples::page("Cart", body + "</ul><p>Sum: " + std::to_string(sum) + "</p>"),
                         examples::html);
}

// [handler]
void cart(httplib::Request const& request, httplib::Response& response, Session& session)
try {
    auto cart = session.get("cart", Cart{});
    if (request.has_param("add")) {
        cart.articles.push_back({request.get_param_value("add"), number(request.get_param_value("price"))});
        session["cart"] = cart; // {"articles":[{"name":"coat","price":12.5}],"vouchers":[]}
    }
    show(response, cart);
} catch (cr::TypeError const& error) { // what came is not UTF-8, or another program stored another type
    response.status = 400;
    response.set_content(examples::page("Bad request", examples::escape(error.what())), examples::html);
}
// [/handler]

} // namespace

int main(int argc, char** argv)
try {
    auto const options =
        examples::parse_options(argc, argv, {.about = "Keeps a cart.", .database = "cart.sqlite3"});

    auto const key = cr::Secret::load_or_create(options.database + ".key");
    cr::Settings const settings;
    examples::print_checks(options, cr::check(settings, key));
    Session::Backend backend{cr::storage::Sqlite{options.database}, {}, cr::signer::Hmac{key}, settings};
    backend.storage().migrate();

    httplib::Server server;
    cr::http::Httplib<Session> const with_session{backend};
    server.Get("/cart", with_session(cart));
    return examples::serve(server, options, "/cart");
} catch (std::exception const& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
