// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_CONSTANT_TIME_HPP
#define CLOAKROOM_CORE_CONSTANT_TIME_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace cloakroom::inline v0 {

/// Whether two texts are the same, in a time that depends on their lengths alone. Texts of different lengths
/// are different at once: a length is no secret. What comes from outside is compared with a secret or a
/// signature through this alone.
inline bool constant_time_equal(std::string_view a, std::string_view b) noexcept
{
    if (a.size() != b.size())
        return false;
    std::uint64_t difference = 0;
    auto const compare = [&](std::size_t offset, std::size_t size) {
        std::uint64_t x = 0;
        std::uint64_t y = 0;
        std::memcpy(&x, a.data() + offset, size);
        std::memcpy(&y, b.data() + offset, size);
        difference |= x ^ y;
        // The compiler must take it that `difference` may be anything now, and so cannot leave the loop
        // early.
        __asm__ volatile("" : "+r"(difference));
    };
    std::size_t offset = 0;
    for (; offset + 8 <= a.size(); offset += 8)
        compare(offset, 8);
    for (; offset < a.size(); ++offset)
        compare(offset, 1);
    return difference == 0;
}

} // namespace cloakroom::inline v0

#endif
