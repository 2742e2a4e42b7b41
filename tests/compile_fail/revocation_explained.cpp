// SPDX-License-Identifier: MIT
// expect: cloakroom: a revocation needs std::int64_t bump(std::string_view user, TimePoint now)
// expect: cloakroom: a list of devices needs std::vector<Device> list(std::string_view user, TimePoint now)
#include <cloakroom.hpp>
#include <cloakroom/testing/explain.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cr = cloakroom;

#ifdef WELL_FORMED
struct Devices : cr::auth::MemoryRevocation {
    std::int64_t bump(std::string_view user, cr::TimePoint now);
    std::vector<cr::auth::Device> list(std::string_view user, cr::TimePoint now);
};
#else
struct Devices : cr::auth::MemoryRevocation {
    void bump(std::string_view user, cr::TimePoint now);
    std::vector<std::string> list(std::string_view user, cr::TimePoint now);
};
#endif

static_assert(cr::testing::fits<Devices>);
