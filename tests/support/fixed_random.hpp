// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_FIXED_RANDOM_HPP
#define CLOAKROOM_TESTS_SUPPORT_FIXED_RANDOM_HPP

#include <botan/rng.h>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

/// A generator that gives the bytes of a text, for salts that are known. Botan 2 calls the one virtual
/// function and Botan 3 the other, so none is marked as an override.
class FixedRandom : public Botan::RandomNumberGenerator {
public:
    explicit FixedRandom(std::string bytes) : bytes_(std::move(bytes)) {}

    void randomize(std::uint8_t* out, std::size_t size) { give({out, size}); }
    void fill_bytes_with_input(std::span<std::uint8_t> out, std::span<std::uint8_t const>) { give(out); }
    void add_entropy(std::uint8_t const*, std::size_t) {}
    bool accepts_input() const { return false; }
    std::string name() const { return "fixed"; }
    void clear() {}
    bool is_seeded() const { return true; }

private:
    void give(std::span<std::uint8_t> out)
    {
        if (out.size() > bytes_.size())
            throw std::runtime_error{"the fixed bytes are used up"};
        std::memcpy(out.data(), bytes_.data(), out.size());
        bytes_.erase(0, out.size());
    }

    std::string bytes_;
};

#endif
