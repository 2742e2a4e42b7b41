// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_ZLIB_HPP
#define CLOAKROOM_CORE_ZLIB_HPP

#include <algorithm>
#include <cstddef>
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
        if (limit == 0 || bytes.size() > std::numeric_limits<uInt>::max())
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
