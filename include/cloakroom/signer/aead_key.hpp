// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SIGNER_AEAD_KEY_HPP
#define CLOAKROOM_SIGNER_AEAD_KEY_HPP

#include <cloakroom/core/base64url.hpp>
#include <cloakroom/core/fork.hpp>
#include <cloakroom/core/pool.hpp>
#include <cloakroom/core/random.hpp>
#include <cloakroom/core/secret.hpp>
#include <cloakroom/core/siphash.hpp>
#include <cloakroom/signer/aead_algorithm.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <botan/aead.h>
#include <botan/exceptn.h>
#include <botan/mac.h>
#include <botan/mem_ops.h>
#include <botan/secmem.h>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::signing {

/// A number as eight bytes, the lowest first, and back.
constexpr std::array<char, 8> eight_bytes(std::uint64_t number) noexcept
{
    if constexpr (std::endian::native == std::endian::little) {
        return std::bit_cast<std::array<char, 8>>(number);
    } else {
        std::array<char, 8> bytes{};
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = static_cast<char>(number >> (8 * i));
        return bytes;
    }
}
constexpr std::uint64_t from_eight_bytes(std::array<char, 8> bytes) noexcept
{
    if constexpr (std::endian::native == std::endian::little) {
        return std::bit_cast<std::uint64_t>(bytes);
    } else {
        std::uint64_t number = 0;
        for (std::size_t i = 0; i < bytes.size(); ++i)
            number |= std::uint64_t{static_cast<std::uint8_t>(bytes[i])} << (8 * i);
        return number;
    }
}

/// The fields, the length in eight bytes before each, so that no two lists of fields give the same bytes.
inline std::string length_prefixed(std::initializer_list<std::string_view> fields)
{
    std::string bytes;
    for (auto const field : fields) {
        auto const size = eight_bytes(field.size());
        bytes.append(size.data(), size.size()).append(field);
    }
    return bytes;
}

/// What HKDF with SHA-256 (RFC 5869) makes of a secret: 64 bytes.
inline Botan::secure_vector<std::uint8_t> hkdf(std::string_view salt, std::string_view secret,
                                               std::string_view info)
{
    auto const mac = Botan::MessageAuthenticationCode::create_or_throw("HMAC(SHA-256)");
    auto const key = [&](auto const& bytes) {
        mac->set_key(reinterpret_cast<std::uint8_t const*>(bytes.data()), bytes.size());
    };
    auto const add = [&](auto const& bytes) {
        mac->update(reinterpret_cast<std::uint8_t const*>(bytes.data()), bytes.size());
    };
    key(salt);
    add(secret);
    key(mac->final());

    Botan::secure_vector<std::uint8_t> made;
    Botan::secure_vector<std::uint8_t> last;
    for (std::uint8_t counter = 1; counter <= 2; ++counter) {
        add(last);
        add(info);
        mac->update(counter);
        last = mac->final();
        made.insert(made.end(), last.begin(), last.end());
    }
    return made;
}

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

/// Botan's word for a direction, which is another one in version 2 and in version 3.
template <class Direction>
constexpr Direction sealing() noexcept
{
    if constexpr (requires { Direction::Encryption; })
        return Direction::Encryption;
    else
        return Direction::ENCRYPTION;
}
template <class Direction>
constexpr Direction opening() noexcept
{
    if constexpr (requires { Direction::Decryption; })
        return Direction::Decryption;
    else
        return Direction::DECRYPTION;
}

/// What is derived from a secret for one algorithm and purpose, and what every text under it has in common.
template <signer::AeadAlgorithm Algorithm>
struct AeadMaterial {
    static constexpr std::size_t nonce_size = Algorithm::nonce_size;
    static constexpr std::size_t tag_size = 16;

    AeadMaterial(Secret const& secret, std::string_view purpose, std::string_view cookie_name)
    {
        auto made =
            hkdf("cloakroom.signer.Aead", secret.reveal(), length_prefixed({Algorithm::name, purpose}));
        key.assign(made.begin(), made.begin() + 32);
        std::array<char, 6> bytes{static_cast<char>(Algorithm::code)};
        std::copy_n(made.begin() + 32, 5, bytes.begin() + 1);
        base64url_encode_to({bytes.data(), bytes.size()}, header.data());
        std::memcpy(hash_key.data(), made.data() + 40, sizeof hash_key);
        associated_data = length_prefixed({"cloakroom.signer.Aead.1",
                                           Algorithm::name,
                                           {header.data(), header.size()},
                                           purpose,
                                           cookie_name});
    }

    /// A Botan object with the key and the associated data, which it keeps between messages.
    std::unique_ptr<Botan::AEAD_Mode> make(Botan::Cipher_Dir direction) const
    {
        auto mode = Botan::AEAD_Mode::create_or_throw(std::string{Algorithm::botan}, direction);
        mode->set_key(key.data(), key.size());
        mode->set_associated_data(reinterpret_cast<std::uint8_t const*>(associated_data.data()),
                                  associated_data.size());
        return mode;
    }

    Botan::secure_vector<std::uint8_t> key;
    std::array<std::uint64_t, 2> hash_key{};
    /// The beginning of each text: format and algorithm in one byte, and in five the key's number, from which
    /// nobody can tell anything about the key.
    std::array<char, 8> header{};
    std::string associated_data;
};

/// Bytes that a leased object keeps for the next message, unless they are many.
class AeadBuffer {
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

/// A key that opens texts and cannot make any. Thread-safe.
template <signer::AeadAlgorithm Algorithm>
class AeadOpener {
    using Material = AeadMaterial<Algorithm>;

public:
    explicit AeadOpener(Material const& material)
        : header_(material.header), pool_{[material] { return std::make_unique<State>(material); }}
    {
    }

    /// Calls `use(bytes)` with what was sealed, valid during the call, and answers what it answers; nothing
    /// for a text that this key did not seal so. What was decrypted leaves only when the tag is right.
    template <class Use>
    auto open(std::string_view text, Use use) const -> std::optional<decltype(use(std::string_view{}))>
    {
        constexpr auto around = Material::nonce_size + Material::tag_size;
        if (text.size() < header_.size() ||
            std::memcmp(text.data(), header_.data(), header_.size()) != 0) // which is no secret
            return std::nullopt;
        text.remove_prefix(header_.size());
        auto const size = base64url_bytes(text.size());
        if (size < around)
            return std::nullopt;

        auto const state = pool_.lease();
        auto& bytes = state->buffer.resized(size + 4);
        if (!base64url_decode_exactly(text, reinterpret_cast<char*>(bytes.data())))
            return std::nullopt;
        bytes.resize(size);
        try {
            state->mode->start(bytes.data(), Material::nonce_size);
            state->mode->finish(bytes, Material::nonce_size);
        } catch (Botan::Invalid_Authentication_Tag const&) {
            state->buffer.wipe();
            return std::nullopt;
        }
        std::optional answer{
            use(std::string_view{reinterpret_cast<char const*>(bytes.data()), bytes.size()}.substr(
                Material::nonce_size))};
        state->buffer.wipe();
        return answer;
    }

private:
    struct State {
        explicit State(Material const& material) : mode(material.make(opening<Botan::Cipher_Dir>())) {}

        std::unique_ptr<Botan::AEAD_Mode> mode;
        AeadBuffer buffer;
    };

    std::array<char, 8> header_;
    mutable Pool<State> pool_;
};

/// The key that seals. Thread-safe.
template <signer::AeadAlgorithm Algorithm>
class AeadSealer {
    using Material = AeadMaterial<Algorithm>;

public:
    explicit AeadSealer(Material const& material)
        : header_(material.header), pool_{[material] { return std::make_unique<State>(material); }}
    {
    }

    /// The text of the two parts, one after the other.
    template <std::size_t Size>
    std::string seal(std::array<char, Size> const& front, std::string_view rest) const
    {
        auto const state = pool_.lease();
        auto const size = Material::nonce_size + Size + rest.size();
        auto& bytes = state->buffer.resized(size + Material::tag_size);
        bytes.resize(size);
        auto* const message = reinterpret_cast<char*>(bytes.data()) + Material::nonce_size;
        std::memcpy(message, front.data(), Size);
        std::copy(rest.begin(), rest.end(), message + Size);

        std::span<std::uint8_t, Material::nonce_size> const nonce{bytes.data(), Material::nonce_size};
        state->nonces.next({message, Size + rest.size()}, nonce);
        state->mode->start(nonce.data(), nonce.size());
        state->mode->finish(bytes, Material::nonce_size);

        std::string text(header_.size() + base64url_size(bytes.size()), '\0');
        std::memcpy(text.data(), header_.data(), header_.size());
        base64url_encode_to({reinterpret_cast<char const*>(bytes.data()), bytes.size()},
                            text.data() + header_.size());
        return text;
    }

private:
    struct State {
        explicit State(Material const& material)
            : mode(material.make(sealing<Botan::Cipher_Dir>())), nonces(material.hash_key)
        {
        }

        std::unique_ptr<Botan::AEAD_Mode> mode;
        Nonces<Material::nonce_size> nonces;
        AeadBuffer buffer;
    };

    std::array<char, 8> header_;
    mutable Pool<State> pool_;
};

} // namespace cloakroom::inline v0::signing

#endif
