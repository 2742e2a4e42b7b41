// SPDX-License-Identifier: MIT
#ifndef TESTS_SUPPORT_VECTORS_HPP
#define TESTS_SUPPORT_VECTORS_HPP

#include <cloakroom/core/conversion.hpp>
#include <cloakroom/serializer/json.hpp>

#include <cstdint>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

/// What a real Django produced: tests/vectors/django.json. Read once.
inline cloakroom::Dict const& django_vectors()
{
    static auto const vectors = [] {
        std::ifstream file{CLOAKROOM_TEST_VECTORS};
        std::stringstream text;
        text << file.rdbuf();
        auto value = cloakroom::serializer::Json::load_value(text.str());
        if (!value || !value->is_dict())
            throw std::runtime_error{"cannot read " CLOAKROOM_TEST_VECTORS};
        return value->as<cloakroom::Dict>();
    }();
    return vectors;
}

/// `vectors({"json", "dumps"})`: the value at that path.
inline cloakroom::Value const& vectors(std::initializer_list<std::string_view> path)
{
    auto const* dict = &django_vectors();
    cloakroom::Value const* value = nullptr;
    for (auto const name : path) {
        value = &dict->at(name);
        dict = value->get_if<cloakroom::Dict>();
    }
    return *value;
}

inline std::string text_at(cloakroom::Value const& value, std::string_view name)
{
    return value.get_if<cloakroom::Dict>()->at(name).as<std::string>(cloakroom::Where{name});
}

inline std::string from_hex(std::string_view hex)
{
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16));
    return bytes;
}

#endif
