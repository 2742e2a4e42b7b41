// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SIGNER_AEAD_BUFFER_HPP
#define CLOAKROOM_SIGNER_AEAD_BUFFER_HPP

#include <botan/mem_ops.h>
#include <botan/secmem.h>
#include <cstddef>
#include <cstdint>

namespace cloakroom::inline v0::signer::aead_detail {

/// Bytes that a leased object keeps for the next message, unless they are many.
class Buffer {
public:
    static constexpr std::size_t kept = std::size_t{64} << 10;

    Botan::secure_vector<std::uint8_t>& resized(std::size_t size)
    {
        if (bytes_.capacity() > kept)
            bytes_ = {};
        bytes_.resize(size);
        return bytes_;
    }
    void wipe() noexcept { Botan::secure_scrub_memory(bytes_.data(), bytes_.size()); }

private:
    Botan::secure_vector<std::uint8_t> bytes_;
};

} // namespace cloakroom::inline v0::signer::aead_detail

#endif
