// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SIGNER_COMPRESSION_HPP
#define CLOAKROOM_SIGNER_COMPRESSION_HPP

#include <cstddef>
#include <limits>

namespace cloakroom::inline v0::signer {

/// `compress_from` of a signer's options: compression is tried on every payload, as Django tries it when it
/// saves a session. The texts of Hmac are then byte for byte Django's, given the same build of zlib.
inline constexpr std::size_t compress_like_django = 0;

/// `compress_from` of a signer's options: no text is ever compressed. Compressed ones are still read.
inline constexpr std::size_t never_compress = std::numeric_limits<std::size_t>::max();

} // namespace cloakroom::inline v0::signer

#endif
