// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_SHARED_STORAGE_HPP
#define CLOAKROOM_TESTS_SUPPORT_SHARED_STORAGE_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/concept.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

/// A storage of which copies share what is stored, as two programs share a server.
template <cloakroom::StoragePolicy Inner>
class SharedStorage {
public:
    static constexpr auto purpose = Inner::purpose;
    static constexpr auto accepts = Inner::accepts;

    SharedStorage() : inner_(std::make_shared<Inner>()) {}
    explicit SharedStorage(Inner inner) : inner_(std::make_shared<Inner>(std::move(inner))) {}

    std::optional<cloakroom::Stored> load(cloakroom::SessionKey const& key, cloakroom::TimePoint now)
    {
        return inner_->load(key, now);
    }
    bool create(cloakroom::SessionKey const& key, cloakroom::Record const& record, cloakroom::TimePoint now)
    {
        return inner_->create(key, record, now);
    }
    cloakroom::WriteResult commit(cloakroom::SessionKey const& key, cloakroom::Stored const& seen,
                                  cloakroom::Record const& record, cloakroom::TimePoint now)
    {
        return inner_->commit(key, seen, record, now);
    }
    cloakroom::WriteResult touch(cloakroom::SessionKey const& key, cloakroom::Stored const& seen,
                                 cloakroom::TimePoint expires, cloakroom::TimePoint now)
    {
        return inner_->touch(key, seen, expires, now);
    }
    cloakroom::WriteResult rotate(cloakroom::SessionKey const& key, cloakroom::Stored const& seen,
                                  cloakroom::SessionKey const& fresh, cloakroom::Record const& record,
                                  cloakroom::TimePoint now)
    {
        return inner_->rotate(key, seen, fresh, record, now);
    }
    bool erase(cloakroom::SessionKey const& key) { return inner_->erase(key); }
    std::size_t clear_expired(cloakroom::TimePoint now, std::size_t budget)
    {
        return inner_->clear_expired(now, budget);
    }

private:
    std::shared_ptr<Inner> inner_;
};

#endif
