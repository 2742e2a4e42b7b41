// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_BENCHMARKS_PAYLOADS_HPP
#define CLOAKROOM_BENCHMARKS_PAYLOADS_HPP

#include <cstddef>
#include <cstdint>
#include <string>

/// The smallest session that counts: 12 bytes.
inline std::string payload_a()
{
    return R"({"visit":11})";
}

/// A logged-in visitor: about 385 bytes, ten keys.
inline std::string payload_b()
{
    return R"({"_auth_user_id":"41","_auth_user_backend":"django.contrib.auth.backends.ModelBackend",)"
           R"("_auth_user_hash":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f","visit":11,)"
           R"("language":"en-gb","theme":"dark","last_search":"cloakroom tickets","cart":[17,23,42],)"
           R"("_csrftoken":"Zk3vGgXw9Yt1bQm5Rj7LcN2HsD4fA8pe","seen":{"intro":true,"tour":false}})";
}

/// A filled cart: about 3.8 KiB.
inline std::string payload_c()
{
    std::string text = R"({"visit":11,"cart":[)";
    for (int i = 0; i < 40; ++i)
        text += (i == 0 ? "" : ",") + std::string{R"({"id":)"} + std::to_string(1000 + i) +
                R"(,"name":"A coat of the colour no. )" + std::to_string(i) +
                R"(","price":19.95,"quantity":2,"gift":false})";
    return text + "]}";
}

/// Another text for every save, of the same length. Precondition: at least 18 bytes.
inline void change(std::string& text, std::uint64_t serial)
{
    for (std::size_t i = 0; i < 8; ++i)
        text[text.size() - 10 - i] = static_cast<char>('a' + (serial >> (4 * i)) % 16);
}

#endif
