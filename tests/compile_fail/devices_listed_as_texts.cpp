// SPDX-License-Identifier: MIT
// expect: cloakroom: this revocation has a list of devices that auth::DeviceListPolicy does not take
#include <cloakroom.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;

struct Devices : cr::auth::MemoryRevocation {
#ifdef WELL_FORMED
    std::vector<cr::auth::Device> list(std::string_view user, cr::TimePoint now);
#else
    std::vector<std::string> list(std::string_view user, cr::TimePoint now);
#endif
};

static_assert(sizeof(cr::auth::Backend<Session, cr::auth::MemoryUsers, Devices>) != 0);
