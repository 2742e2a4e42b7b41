// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_STORAGE_LAW_OPTIONS_HPP
#define CLOAKROOM_TESTING_STORAGE_LAW_OPTIONS_HPP

#include <cloakroom/testing/storage_model.hpp>

#include <cstddef>

namespace cloakroom::inline v0::testing {

/// How far storage_laws goes, and what the storage says of itself.
struct StorageLawOptions {
    /// The longest schedule in steps. With three clients 4 give about 900 schedules, 5 about 8,000, 6 about
    /// 80,000 and 7 about 800,000; a schedule costs some 15 calls.
    std::size_t depth = 5;
    /// How many clients share a record.
    std::size_t clients = 3;
    /// The longest payload that the store takes, in bytes.
    std::size_t max_payload = std::size_t{1} << 20;
    Freedom freedom = {};
};

/// What storage_laws walked through, so that a test can see that it was not nothing.
struct StorageLawReport {
    /// Different schedules of the full depth, or shorter where nothing was left to do.
    std::size_t schedules = 0;
    /// Storage calls in all schedules, those of the comparison at the end apart.
    std::size_t steps = 0;
};

} // namespace cloakroom::inline v0::testing

#endif
