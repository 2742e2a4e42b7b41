// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_ZLIB_HPP
#define CLOAKROOM_CORE_ZLIB_HPP

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <zlib.h>

namespace cloakroom::inline v0 {

/// A compression state that is kept between uses: making one costs as much as compressing a small session.
/// One thread at a time; lease them from a Pool.
class Deflater {
public:
    Deflater()
    {
        if (::deflateInit(&stream_, Z_DEFAULT_COMPRESSION) != Z_OK)
            throw std::bad_alloc{};
    }
    ~Deflater() { ::deflateEnd(&stream_); }
    Deflater(Deflater const&) = delete;
    Deflater& operator=(Deflater const&) = delete;

    /// The bytes as Python's zlib.compress writes them with the same build of zlib: a zlib stream (RFC 1950)
    /// of the default level. Nothing when that takes more than `limit` bytes, which may be found out early.
    /// Valid until the next call.
    std::optional<std::string_view> compress(std::string_view bytes, std::size_t limit)
    {
        constexpr std::size_t kept = std::size_t{64} << 10;
        if (limit == 0 || bytes.size() > std::numeric_limits<uInt>::max() || surely_above(limit, bytes))
            return std::nullopt;
        limit = std::min(limit, bytes.size() + bytes.size() / 8 + 64); // zlib never needs more
        if (output_.size() < limit || output_.size() > std::max(limit, kept))
            output_ = std::string(limit, '\0');

        ::deflateReset(&stream_);
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data())); // zlib only reads it
        stream_.avail_in = static_cast<uInt>(bytes.size());
        stream_.next_out = reinterpret_cast<Bytef*>(output_.data());
        stream_.avail_out = static_cast<uInt>(limit);
        if (::deflate(&stream_, Z_FINISH) != Z_STREAM_END)
            return std::nullopt;
        return std::string_view{output_}.substr(0, limit - stream_.avail_out);
    }

private:
    /// Whether a few bytes take more than `limit` without trying, which would cost many times the signature
    /// of a counter. Without three bytes that come twice there is nothing to refer back to, so that every
    /// byte gets a code; zlib makes one block, stored, with fixed codes of 8 bits and more, or with codes of
    /// its own. Those take 29 bits and one for each code to describe, and then no less than the entropy of
    /// the bytes.
    static bool surely_above(std::size_t limit, std::string_view bytes) noexcept
    {
        constexpr std::size_t frame = 6; // RFC 1950: two bytes before, a checksum after
        auto const size = bytes.size();
        if (limit < frame + 2)
            return true; // the shortest block has ten bits
        if (size > 32 || limit >= size)
            return false;

        std::array<std::uint32_t, 32> triples;
        std::array<std::uint8_t, 256> counts{};
        for (std::size_t i = 0; i < size; ++i) {
            ++counts[static_cast<std::uint8_t>(bytes[i])];
            if (i < 2)
                continue;
            triples[i] = static_cast<std::uint8_t>(bytes[i]) |
                         std::uint32_t{static_cast<std::uint8_t>(bytes[i - 1])} << 8 |
                         std::uint32_t{static_cast<std::uint8_t>(bytes[i - 2])} << 16;
            if (std::find(triples.begin() + 2, triples.begin() + static_cast<std::ptrdiff_t>(i),
                          triples[i]) != triples.begin() + static_cast<std::ptrdiff_t>(i))
                return false;
        }
        // A symbol that comes n times of N needs a code of log2(N / n) bits on average, and one bit to
        // describe it.
        auto const code_bits = [&](std::size_t count) {
            return static_cast<std::size_t>(std::bit_width((size + 1) / count)) - 1;
        };
        auto bits = 29 + 1 + code_bits(1); // the end of the block is a symbol, too
        for (auto const byte : bytes) {
            auto& count = counts[static_cast<std::uint8_t>(byte)];
            if (count > 0)
                bits += 1 + count * code_bits(count);
            count = 0;
        }
        return bits > 8 * (limit - frame);
    }

    ::z_stream stream_{};
    std::string output_;
};

/// A decompression state, kept likewise. One thread at a time.
class Inflater {
public:
    Inflater()
    {
        if (::inflateInit(&stream_) != Z_OK)
            throw std::bad_alloc{};
    }
    ~Inflater() { ::inflateEnd(&stream_); }
    Inflater(Inflater const&) = delete;
    Inflater& operator=(Inflater const&) = delete;

    /// What a zlib stream of any level holds; bytes after its end are ignored (S-419). Nothing when it is no
    /// such stream (gzip and bare deflate are none), ends early, is damaged, or holds more than `max_size`
    /// bytes. No more than twice `max_size` is ever allocated.
    std::optional<std::string> decompress(std::string_view bytes, std::size_t max_size)
    {
        if (bytes.size() > std::numeric_limits<uInt>::max() || max_size >= std::numeric_limits<uInt>::max())
            return std::nullopt;
        ::inflateReset(&stream_);
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data())); // zlib only reads it
        stream_.avail_in = static_cast<uInt>(bytes.size());

        std::string output;
        std::size_t size = 0;
        for (;;) {
            // One byte more than allowed has room, so that a stream which holds more is noticed.
            auto const room =
                std::min(max_size + 1, std::max({std::size_t{256}, 4 * bytes.size(), 2 * size}));
            output.resize(std::max(output.size(), room));
            stream_.next_out = reinterpret_cast<Bytef*>(output.data() + size);
            stream_.avail_out = static_cast<uInt>(output.size() - size);
            auto const status = ::inflate(&stream_, Z_NO_FLUSH);
            size = output.size() - stream_.avail_out;
            if (size > max_size || (status != Z_OK && status != Z_STREAM_END))
                return std::nullopt;
            if (status == Z_STREAM_END)
                break;
            if (stream_.avail_out != 0)
                return std::nullopt; // the input is used up
        }
        output.resize(size);
        return output;
    }

private:
    ::z_stream stream_{};
};

} // namespace cloakroom::inline v0

#endif
