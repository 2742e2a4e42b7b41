// SPDX-License-Identifier: MIT
#ifndef TESTS_INTEROP_CLOAKROOM_SIDE_SITE_FILE_HPP
#define TESTS_INTEROP_CLOAKROOM_SIDE_SITE_FILE_HPP

#include <cloakroom.hpp>

#include <cstdint>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace interop {

namespace cr = cloakroom;

/// What both sides are told of the site, in a JSON file: Django's settings.py reads the same one.
struct SiteFile {
    std::string engine;   ///< sqlite, postgres, file, signed_cookies, redis
    std::string database; ///< of the users, and of the sessions in the first two: a file or a URL
    std::string folder;   ///< of the session files
    std::string cache;    ///< the URL of Redis
    std::string secret_key;
    std::vector<std::string> fallback_keys;
    std::uint32_t iterations = 0; ///< of password hashes

    cr::Secret key() const { return cr::Secret{secret_key}; }
    std::vector<cr::Secret> fallbacks() const
    {
        std::vector<cr::Secret> keys;
        for (auto const& key : fallback_keys)
            keys.emplace_back(key);
        return keys;
    }
};

inline cr::Dict read_dict(std::string const& json)
{
    auto const dict = cr::serializer::Json{}.load(json);
    if (!dict)
        throw std::runtime_error{"no JSON object: " + json};
    return *dict;
}

inline SiteFile read_site_file(std::string const& path)
{
    std::ifstream file{path};
    std::ostringstream text;
    text << file.rdbuf();
    auto const dict = read_dict(text.str());
    auto const entry = [&](char const* name) { return dict.at(name).as<std::string>(); };
    return {.engine = entry("engine"),
            .database = entry("database"),
            .folder = entry("folder"),
            .cache = entry("cache"),
            .secret_key = entry("secret_key"),
            .fallback_keys = dict.at("fallback_keys").as<std::vector<std::string>>(),
            .iterations = dict.at("iterations").as<std::uint32_t>()};
}

} // namespace interop

#endif
