// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_STORAGE_WRAPPER_HPP
#define CLOAKROOM_TESTING_STORAGE_WRAPPER_HPP

#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/testing/storage_story.hpp>

#include <cstddef>
#include <optional>
#include <utility>

namespace cloakroom::inline v0::testing {

/// A storage around a storage. Each operation is `around(operation, call)`, which decides when to `call()`
/// the one inside and hands back what it answered. The base of Scheduled and Faulty.
template <StoragePolicy Inner, class Around>
class StorageWrapper {
public:
    static constexpr auto purpose = Inner::purpose;
    static constexpr auto accepts = Inner::accepts;

    StorageWrapper(Inner inner, Around around) : inner_(std::move(inner)), around_(std::move(around)) {}

    std::optional<Stored> load(SessionKey const& key, TimePoint now)
    {
        return around_(Operation::load, [&] { return inner_.load(key, now); });
    }
    bool create(SessionKey const& key, Record const& record, TimePoint now)
    {
        return around_(Operation::create, [&] { return inner_.create(key, record, now); });
    }
    WriteResult commit(SessionKey const& key, Stored const& seen, Record const& record, TimePoint now)
    {
        return around_(Operation::commit, [&] { return inner_.commit(key, seen, record, now); });
    }
    WriteResult touch(SessionKey const& key, Stored const& seen, TimePoint expires, TimePoint now)
    {
        return around_(Operation::touch, [&] { return inner_.touch(key, seen, expires, now); });
    }
    WriteResult rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh,
                       Record const& record, TimePoint now)
    {
        return around_(Operation::rotate, [&] { return inner_.rotate(key, seen, fresh, record, now); });
    }
    bool erase(SessionKey const& key)
    {
        return around_(Operation::erase, [&] { return inner_.erase(key); });
    }
    std::size_t clear_expired(TimePoint now, std::size_t budget)
    {
        return around_(Operation::clear_expired, [&] { return inner_.clear_expired(now, budget); });
    }
    template <class Visit>
    requires EnumerablePolicy<Inner>
    void for_each(TimePoint now, Visit&& visit)
    {
        inner_.for_each(now, std::forward<Visit>(visit));
    }

    /// The storage inside, for what only it has.
    Inner& inner() { return inner_; }

protected:
    Around& around() { return around_; }
    Around const& around() const { return around_; }

private:
    Inner inner_;
    Around around_;
};

} // namespace cloakroom::inline v0::testing

#endif
