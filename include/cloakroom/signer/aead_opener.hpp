// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SIGNER_AEAD_OPENER_HPP
#define CLOAKROOM_SIGNER_AEAD_OPENER_HPP

#include <cloakroom/core/base64url.hpp>
#include <cloakroom/core/pool.hpp>
#include <cloakroom/signer/aead_algorithm.hpp>
#include <cloakroom/signer/aead_buffer.hpp>
#include <cloakroom/signer/aead_key.hpp>

#include <array>
#include <botan/aead.h>
#include <botan/exceptn.h>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

namespace cloakroom::inline v0::signer::aead_detail {

/// A key that opens texts and cannot make any. Thread-safe.
template <AeadAlgorithm Algorithm>
class Opener {
    using Material = KeyMaterial<Algorithm>;

public:
    explicit Opener(Material const& material)
        : prefix_(material.text_prefix), pool_{[material] { return std::make_unique<State>(material); }}
    {
    }

    /// Calls `use(bytes)` with what was sealed, valid during the call, and answers what it answers; nothing
    /// for a text that this key did not seal so. What was decrypted leaves only when the tag is right.
    template <class Use>
    auto open(std::string_view text, Use use) const -> std::optional<decltype(use(std::string_view{}))>
    {
        constexpr auto around = Material::nonce_size + Material::tag_size;
        if (text.size() < prefix_.size() ||
            std::memcmp(text.data(), prefix_.data(), prefix_.size()) != 0) // which is no secret
            return std::nullopt;
        text.remove_prefix(prefix_.size());
        auto const size = base64url_bytes(text.size());
        if (size < around)
            return std::nullopt;

        auto const state = pool_.lease();
        Buffer const buffer{state->memory, size + 4};
        auto& bytes = buffer.bytes();
        if (!base64url_decode_exactly(text, reinterpret_cast<char*>(bytes.data())))
            return std::nullopt;
        bytes.resize(size);
        try {
            state->mode->start(bytes.data(), Material::nonce_size);
            state->mode->finish(bytes, Material::nonce_size);
        } catch (Botan::Invalid_Authentication_Tag const&) {
            return std::nullopt;
        }
        return use(std::string_view{reinterpret_cast<char const*>(bytes.data()), bytes.size()}.substr(
            Material::nonce_size));
    }

private:
    struct State {
        explicit State(Material const& material) : mode(material.make(opening<Botan::Cipher_Dir>())) {}

        std::unique_ptr<Botan::AEAD_Mode> mode;
        Memory memory;
    };

    std::array<char, Material::prefix_size> prefix_;
    mutable Pool<State> pool_;
};

} // namespace cloakroom::inline v0::signer::aead_detail

#endif
