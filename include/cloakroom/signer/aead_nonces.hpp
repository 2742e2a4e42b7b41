// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SIGNER_AEAD_NONCES_HPP
#define CLOAKROOM_SIGNER_AEAD_NONCES_HPP

#include <cloakroom/core/fork.hpp>
#include <cloakroom/core/random.hpp>
#include <cloakroom/core/siphash.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace cloakroom::inline v0::signer::aead_detail {

/// Random numbers to be used once, from the system's generator, in batches: asking it each time would cost
/// more than encrypting a small session. A fork() throws the batch away. What escapes that, the copy of a
/// whole machine, has the same batch, and so the message goes into its number as well: two different messages
/// still have different ones. One thread at a time.
template <std::size_t Size>
class Nonces {
public:
    explicit Nonces(std::array<std::uint64_t, 2> hash_key) noexcept : hash_key_(hash_key) {}

    void next(std::string_view message, std::span<std::uint8_t, Size> nonce)
    {
        if (used_ == batch_.size() || forks_ != fork_count()) {
            forks_ = fork_count();
            random_bytes(batch_);
            used_ = 0;
        }
        auto const* const random = batch_.data() + used_;
        used_ += Size;
        std::uint64_t mixed = 0;
        std::memcpy(&mixed, random, sizeof mixed);
        mixed ^= siphash13(message, hash_key_);
        std::memcpy(nonce.data(), &mixed, sizeof mixed);
        std::memcpy(nonce.data() + sizeof mixed, random + sizeof mixed, Size - sizeof mixed);
    }

private:
    std::array<std::uint64_t, 2> hash_key_;
    std::array<std::uint8_t, 64 * Size> batch_{};
    std::size_t used_ = batch_.size();
    unsigned forks_ = 0;
};

} // namespace cloakroom::inline v0::signer::aead_detail

#endif
