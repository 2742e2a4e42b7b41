// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_BASE64URL_AVX2_HPP
#define CLOAKROOM_CORE_BASE64URL_AVX2_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>

// The inner loops of base64url for x86-64 processors with AVX2, asked for when they run: 24 bytes and 32
// characters at once, in a tenth of the table's time, which would be a fifth of the time of signing. Vectors
// are written with the extension of g++ and clang; the intrinsics' header would take longer to compile than
// all of ours.
namespace cloakroom::inline v0::base64url_detail {

/// How much of the input was used, and of the output written.
struct Progress {
    std::size_t read = 0;
    std::size_t written = 0;
};

#if defined(__x86_64__)

using Bytes16 __attribute__((vector_size(16))) = char;
using Bytes32 __attribute__((vector_size(32))) = char;
using SignedBytes32 __attribute__((vector_size(32))) = signed char;
using Shorts16 __attribute__((vector_size(32))) = std::uint16_t;
using Words8 __attribute__((vector_size(32))) = std::uint32_t;

inline bool has_avx2() noexcept
{
    return __builtin_cpu_supports("avx2") != 0;
}

/// Encodes groups of 24 bytes as long as 28 are left.
__attribute__((target("avx2"))) inline Progress encode_avx2(char const* in, std::size_t size,
                                                            char* out) noexcept
{
    // Three bytes, the first one highest, in each word; the upper half holds the bytes from 12 on.
    constexpr Bytes32 to_words = {2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9, -1,
                                  2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9, -1};
    Progress done;
    for (; done.read + 28 <= size; done.read += 24, done.written += 32) {
        Bytes16 low;
        Bytes16 high;
        std::memcpy(&low, in + done.read, 16);
        std::memcpy(&high, in + done.read + 12, 16);
        Bytes32 const bytes =
            __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
                                    18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
        auto const words = reinterpret_cast<Words8>(__builtin_ia32_pshufb256(bytes, to_words));
        auto const sextets = reinterpret_cast<SignedBytes32>(
            words >> 18 | (words >> 4 & 0x3f00U) | (words << 10 & 0x3f0000U) | (words << 24 & 0x3f000000U));
        // From A-Z on, each further kind of character is a jump in the alphabet.
        auto const text = sextets + 'A' + ((sextets > 25) & ('a' - 'Z' - 1)) +
                          ((sextets > 51) & ('0' - 'z' - 1)) + ((sextets > 61) & ('-' - '9' - 1)) +
                          ((sextets > 62) & ('_' - '-' - 1));
        std::memcpy(out + done.written, &text, 32);
    }
    return done;
}

/// Decodes groups of 32 characters as long as 36 are left and all are of the alphabet with '-' and '_'. May
/// write 4 bytes after the last group.
__attribute__((target("avx2"))) inline Progress decode_avx2(char const* in, std::size_t size,
                                                            char* out) noexcept
{
    // A character's upper half byte says which kind it is, the lower one which kinds it cannot be: a bit in
    // common means that it is foreign. Kinds: 1 '-', 2 digits, 4 A-O and a-o, 8 P-Z and '_', 16 p-z, 32
    // foreign.
    constexpr Bytes32 kind = {32, 32, 1, 2, 4, 8, 4, 16, 32, 32, 32, 32, 32, 32, 32, 32,
                              32, 32, 1, 2, 4, 8, 4, 16, 32, 32, 32, 32, 32, 32, 32, 32};
    constexpr Bytes32 not_of = {37, 33, 33, 33, 33, 33, 33, 33, 33, 33, 35, 59, 59, 58, 59, 51,
                                37, 33, 33, 33, 33, 33, 33, 33, 33, 33, 35, 59, 59, 58, 59, 51};
    // From a character to its six bits, by the upper half byte; '_' has the place of 1.
    constexpr Bytes32 distance = {
        0, 63 - '_', 62 - '-', 52 - '0', -'A', -'A', 26 - 'a', 26 - 'a', 0, 0, 0, 0, 0, 0, 0, 0,
        0, 63 - '_', 62 - '-', 52 - '0', -'A', -'A', 26 - 'a', 26 - 'a', 0, 0, 0, 0, 0, 0, 0, 0};
    constexpr Bytes32 to_bytes = {2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1,
                                  2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1};
    Progress done;
    for (; done.read + 36 <= size; done.read += 32, done.written += 24) {
        Bytes32 text;
        std::memcpy(&text, in + done.read, 32);
        auto const lower_half = text & 15;
        auto const upper_half = reinterpret_cast<Bytes32>(reinterpret_cast<Shorts16>(text) >> 4) & 15;
        auto const foreign =
            __builtin_ia32_pshufb256(kind, upper_half) & __builtin_ia32_pshufb256(not_of, lower_half);
        if (__builtin_ia32_pmovmskb256(reinterpret_cast<Bytes32>(foreign == 0)) != -1)
            break;
        auto const place = upper_half + reinterpret_cast<Bytes32>((text == '_') & -4);
        auto const sextets = reinterpret_cast<Shorts16>(text + __builtin_ia32_pshufb256(distance, place));
        auto const pairs = reinterpret_cast<Words8>((sextets << 6 & 0xfc0U) | sextets >> 8);
        auto const words = reinterpret_cast<Bytes32>((pairs << 12 & 0xfff000U) | pairs >> 16);
        auto const bytes = __builtin_ia32_pshufb256(words, to_bytes);
        Bytes16 const low =
            __builtin_shufflevector(bytes, bytes, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        Bytes16 const high = __builtin_shufflevector(bytes, bytes, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
                                                     27, 28, 29, 30, 31);
        std::memcpy(out + done.written, &low, 16);
        std::memcpy(out + done.written + 12, &high, 16);
    }
    return done;
}

#else

inline bool has_avx2() noexcept
{
    return false;
}

inline Progress encode_avx2(char const*, std::size_t, char*) noexcept
{
    return {};
}

inline Progress decode_avx2(char const*, std::size_t, char*) noexcept
{
    return {};
}

#endif

} // namespace cloakroom::inline v0::base64url_detail

#endif
