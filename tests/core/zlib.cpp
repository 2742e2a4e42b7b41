// SPDX-License-Identifier: MIT
#include <cloakroom/core/base64url.hpp>
#include <cloakroom/core/zlib.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace {

namespace cr = cloakroom;

std::string bytes_of(std::string_view base64)
{
    return cr::base64url_decode(base64).value();
}

std::string incompressible(std::size_t size)
{
    std::string bytes;
    auto state = 1U;
    for (std::size_t i = 0; i < size; ++i)
        bytes += static_cast<char>((state = state * 1'103'515'245U + 12'345U) >> 16);
    return bytes;
}

} // namespace

TEST_CASE("what is compressed comes back, again and again from the same states")
{
    cr::Deflater deflater;
    cr::Inflater inflater;
    for (std::size_t const size :
         std::initializer_list<std::size_t>{1, 5, 100, 5'000, 300'000, 7, 100'000, 0})
        for (auto const& bytes : {std::string(size, 'x'), incompressible(size)}) {
            auto const compressed = deflater.compress(bytes, 2 * size + 100);
            REQUIRE(compressed.has_value());
            CHECK(inflater.decompress(*compressed, size) == bytes);
        }
}

TEST_CASE("a result above the limit is none, one of exactly the limit is")
{
    cr::Deflater deflater;
    std::string const bytes(1'000, 'x');
    auto const size = deflater.compress(bytes, 10'000).value().size();
    CHECK(deflater.compress(bytes, size).has_value());
    CHECK(deflater.compress(bytes, size - 1) == std::nullopt);
    CHECK(deflater.compress(bytes, 0) == std::nullopt);
    auto const noise = incompressible(1'000);
    CHECK(deflater.compress(noise, noise.size() - 2) == std::nullopt);
}

TEST_CASE("what is given up without trying would have been above the limit")
{
    cr::Deflater deflater;
    auto state = 1U;
    auto const random = [&](unsigned below) {
        state = state * 1'103'515'245U + 12'345U;
        return (state >> 16) % below;
    };
    std::size_t shorter = 0;
    for (int round = 0; round < 40'000; ++round) {
        std::string bytes;
        auto const kinds = 1 + random(30);
        for (auto size = random(45); size > 0; --size)
            bytes += static_cast<char>('a' + random(kinds));
        auto const size = deflater.compress(bytes, 1'000).value().size();
        for (auto const limit : {size - 1, size, bytes.size() - std::min<std::size_t>(bytes.size(), 2)}) {
            REQUIRE(deflater.compress(bytes, limit).has_value() == (size <= limit));
            shorter += size <= limit && limit < bytes.size();
        }
    }
    CHECK(shorter > 1'000);
}

TEST_CASE("the compressed bytes are those of Python's zlib.compress")
{
    // zlib.compress(b"x" * 100): a stream of the default level, alike in every zlib.
    CHECK(cr::base64url_encode(cr::Deflater{}.compress(std::string(100, 'x'), 100).value()) ==
          "eJyrqKA9AABAGy7h");
}

TEST_CASE("a stream that holds more than is allowed is refused, one that holds as much is not")
{
    cr::Deflater deflater;
    cr::Inflater inflater;
    std::size_t const size = std::size_t{1} << 20;
    auto const bomb = std::string{deflater.compress(std::string(size, '\0'), size).value()};
    CHECK(bomb.size() < 2'000);
    CHECK(inflater.decompress(bomb, size).value().size() == size);
    CHECK(inflater.decompress(bomb, size - 1) == std::nullopt);
    CHECK(inflater.decompress(bomb, 0) == std::nullopt);
    CHECK(inflater.decompress(deflater.compress("", 100).value(), 0) == "");
}

TEST_CASE("only a whole zlib stream is accepted, and what follows it is ignored (S-419)")
{
    cr::Inflater inflater;
    auto const stream = bytes_of("eJyrqKA9AABAGy7h");
    CHECK(inflater.decompress(stream, 1'000) == std::string(100, 'x'));
    CHECK(inflater.decompress(stream + "YZZ", 1'000) == std::string(100, 'x'));
    for (std::size_t size = 0; size < stream.size(); ++size)
        CHECK(inflater.decompress(stream.substr(0, size), 1'000) == std::nullopt);
    CHECK(inflater.decompress(bytes_of("H4sIAAAAAAACA6uooD0AAI9dDl5kAAAA"), 1'000) == std::nullopt); // gzip
    CHECK(inflater.decompress(stream.substr(2, stream.size() - 6), 1'000) == std::nullopt); // bare deflate
    auto damaged = stream;
    damaged.back() ^= 1;
    CHECK(inflater.decompress(damaged, 1'000) == std::nullopt);
    CHECK(inflater.decompress(stream, 1'000) == std::string(100, 'x'));
}
