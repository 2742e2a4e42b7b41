// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SIGNER_AEAD_BUFFER_HPP
#define CLOAKROOM_SIGNER_AEAD_BUFFER_HPP

#include <botan/mem_ops.h>
#include <botan/secmem.h>
#include <cstddef>
#include <cstdint>

namespace cloakroom::inline v0::signer::aead_detail {

using Memory = Botan::secure_vector<std::uint8_t>;

/// The bytes of one message, which are wiped when it is over, however that comes. Their memory is the
/// owner's, who keeps it for the next message unless that is much.
class Buffer {
public:
    static constexpr std::size_t kept = std::size_t{64} << 10;

    Buffer(Memory& memory, std::size_t size) : bytes_(memory)
    {
        if (bytes_.capacity() > kept)
            bytes_ = Memory{}; // {} alone would keep the memory
        bytes_.resize(size);
    }
    Buffer(Buffer const&) = delete;
    Buffer& operator=(Buffer const&) = delete;
    ~Buffer() { Botan::secure_scrub_memory(bytes_.data(), bytes_.size()); }

    Memory& bytes() const noexcept { return bytes_; }

private:
    Memory& bytes_;
};

} // namespace cloakroom::inline v0::signer::aead_detail

#endif
