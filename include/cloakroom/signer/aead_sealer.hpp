// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SIGNER_AEAD_SEALER_HPP
#define CLOAKROOM_SIGNER_AEAD_SEALER_HPP

#include <cloakroom/core/base64url.hpp>
#include <cloakroom/core/pool.hpp>
#include <cloakroom/signer/aead_algorithm.hpp>
#include <cloakroom/signer/aead_buffer.hpp>
#include <cloakroom/signer/aead_key.hpp>
#include <cloakroom/signer/aead_nonces.hpp>

#include <algorithm>
#include <array>
#include <botan/aead.h>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::signer::aead_detail {

/// The key that seals. Thread-safe.
template <AeadAlgorithm Algorithm>
class Sealer {
    using Material = KeyMaterial<Algorithm>;

public:
    /// Throws ImproperlyConfigured for a cipher that Botan cannot make so.
    explicit Sealer(Material const& material)
        : prefix_(material.text_prefix), pool_{[material] { return std::make_unique<State>(material); }}
    {
        static_cast<void>(pool_.lease()); // now, and not in the first request
    }

    /// The text of the two parts, one after the other.
    template <std::size_t Size>
    std::string seal(std::array<char, Size> const& front, std::string_view rest) const
    {
        auto const state = pool_.lease();
        auto const size = Material::nonce_size + Size + rest.size();
        Buffer const buffer{state->memory, size + Material::tag_size};
        auto& bytes = buffer.bytes();
        bytes.resize(size); // room for the tag remains
        auto* const message = reinterpret_cast<char*>(bytes.data()) + Material::nonce_size;
        std::memcpy(message, front.data(), Size);
        std::copy(rest.begin(), rest.end(), message + Size);

        std::span<std::uint8_t, Material::nonce_size> const nonce{bytes.data(), Material::nonce_size};
        state->nonces.next({message, Size + rest.size()}, nonce);
        state->mode->start(nonce.data(), nonce.size());
        state->mode->finish(bytes, Material::nonce_size);

        std::string text(prefix_.size() + base64url_size(bytes.size()), '\0');
        std::memcpy(text.data(), prefix_.data(), prefix_.size());
        base64url_encode_to({reinterpret_cast<char const*>(bytes.data()), bytes.size()},
                            text.data() + prefix_.size());
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
        Memory memory;
    };

    std::array<char, Material::prefix_size> prefix_;
    mutable Pool<State> pool_;
};

} // namespace cloakroom::inline v0::signer::aead_detail

#endif
