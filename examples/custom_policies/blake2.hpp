// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_CUSTOM_POLICIES_BLAKE2_HPP
#define EXAMPLES_CUSTOM_POLICIES_BLAKE2_HPP

#include <cloakroom.hpp>

#include <botan/mac.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace custom_policies {

namespace cr = cloakroom;

/// HMAC over BLAKE2b instead of SHA-256, and no base64: 32 bytes of signature, 8 of time in microseconds,
/// then the payload as it is. For storages that accept any bytes.
class Blake2 {
public:
    static constexpr cr::Content output = cr::Content::bytes;

    class Bound;

    explicit Blake2(cr::Secret key) : key_{std::move(key)} {}

    /// Each purpose has a key of its own, so that what is signed for one is worth nothing for another.
    Bound bind(std::string_view purpose) const;

private:
    using Mac = Botan::MessageAuthenticationCode;

    static std::unique_ptr<Mac> mac_with(std::uint8_t const* key, std::size_t size)
    {
        auto mac = Mac::create_or_throw("HMAC(BLAKE2b(256))");
        mac->set_key(key, size);
        return mac;
    }

    cr::Secret key_;
};

/// A keyed object of Botan's serves one thread at a time, so each call leases one.
class Blake2::Bound {
public:
    std::string sign(std::string_view payload, cr::TimePoint now) const
    {
        auto const time = static_cast<std::uint64_t>(now.time_since_epoch().count());
        std::string text(mac_size, '\0');
        for (int shift = 56; shift >= 0; shift -= 8)
            text += static_cast<char>(time >> shift & 255);
        text += payload;
        auto const signature = signature_of(std::string_view{text}.substr(mac_size));
        return text.replace(0, mac_size, signature);
    }

    cr::Result<std::string, cr::Rejection> unsign(std::string_view text, cr::TimePoint now,
                                                  std::optional<cr::Duration> max_age) const
    {
        if (text.size() < mac_size + time_size)
            return cr::Rejection::bad_signature;
        auto const what = text.substr(mac_size);
        if (!cr::constant_time_equal(signature_of(what), text.substr(0, mac_size)))
            return cr::Rejection::bad_signature;
        std::uint64_t time = 0;
        for (auto const byte : what.substr(0, time_size))
            time = time << 8 | static_cast<std::uint8_t>(byte);
        cr::TimePoint const signed_at{cr::Duration{static_cast<std::int64_t>(time)}};
        if (max_age && now - signed_at > *max_age)
            return cr::Rejection::expired;
        return std::string{what.substr(time_size)};
    }

private:
    friend Blake2;
    static constexpr std::size_t mac_size = 32;
    static constexpr std::size_t time_size = 8;

    explicit Bound(cr::Pool<Mac>::Factory make) : macs_{std::make_shared<cr::Pool<Mac>>(std::move(make))} {}

    std::string signature_of(std::string_view bytes) const
    {
        std::string signature(mac_size, '\0');
        auto const mac = macs_->lease();
        mac->update(reinterpret_cast<std::uint8_t const*>(bytes.data()), bytes.size());
        mac->final(reinterpret_cast<std::uint8_t*>(signature.data()));
        return signature;
    }

    std::shared_ptr<cr::Pool<Mac>> macs_;
};

inline Blake2::Bound Blake2::bind(std::string_view purpose) const
{
    auto const secret = key_.reveal();
    auto const main = mac_with(reinterpret_cast<std::uint8_t const*>(secret.data()), secret.size());
    main->update(reinterpret_cast<std::uint8_t const*>(purpose.data()), purpose.size());
    return Bound{[key = main->final()] { return mac_with(key.data(), key.size()); }};
}

static_assert(cr::SignerPolicy<Blake2>);

} // namespace custom_policies

#endif
