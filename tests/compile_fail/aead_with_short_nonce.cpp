// SPDX-License-Identifier: MIT
// expect: nonce_size >= 8
#include <cloakroom/signer/aead.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cr = cloakroom;

struct Ccm {
    static constexpr std::string_view name = "AES-256-CCM";
    static constexpr std::string_view botan = "AES-256/CCM(16,4)";
    static constexpr std::uint8_t code = 9;
    static constexpr std::string_view limit = "few texts";
#ifdef WELL_FORMED
    static constexpr std::size_t nonce_size = 11;
#else
    static constexpr std::size_t nonce_size = 7;
#endif
};

using Signer = cr::signer::BasicAead<Ccm>;
