// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_STAGE_STORAGE_HPP
#define CLOAKROOM_TESTING_STAGE_STORAGE_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/testing/stage_notes.hpp>
#include <cloakroom/testing/storage_story.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cloakroom::inline v0::testing {

/// A storage of any type, for laws that are then compiled once for all of them. Takes notes of its calls.
class AnyStorage {
public:
    template <class Storage>
    requires(!std::derived_from<Storage, AnyStorage> && StoragePolicy<Storage>)
    explicit AnyStorage(Storage storage) : storage_(std::make_unique<Model<Storage>>(std::move(storage)))
    {
    }

    std::optional<Stored> load(SessionKey const& key, TimePoint now)
    {
        return notes()(Operation::load, [&] { return storage_->load(key, now); });
    }
    bool create(SessionKey const& key, Record const& record, TimePoint now)
    {
        notes().add_key(key);
        return notes()(Operation::create, [&] { return storage_->create(key, record, now); });
    }
    WriteResult commit(SessionKey const& key, Stored const& seen, Record const& record, TimePoint now)
    {
        return notes()(Operation::commit, [&] { return storage_->commit(key, seen, record, now); });
    }
    WriteResult touch(SessionKey const& key, Stored const& seen, TimePoint expires, TimePoint now)
    {
        return notes()(Operation::touch, [&] { return storage_->touch(key, seen, expires, now); });
    }
    WriteResult rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh,
                       Record const& record, TimePoint now)
    {
        notes().add_key(fresh);
        return notes()(Operation::rotate, [&] { return storage_->rotate(key, seen, fresh, record, now); });
    }
    bool erase(SessionKey const& key)
    {
        return notes()(Operation::erase, [&] { return storage_->erase(key); });
    }
    std::size_t clear_expired(TimePoint now, std::size_t budget)
    {
        return notes()(Operation::clear_expired, [&] { return storage_->clear_expired(now, budget); });
    }

    StageNotes& notes() { return *notes_; }

private:
    struct Interface {
        virtual ~Interface() = default;
        virtual std::optional<Stored> load(SessionKey const&, TimePoint) = 0;
        virtual bool create(SessionKey const&, Record const&, TimePoint) = 0;
        virtual WriteResult commit(SessionKey const&, Stored const&, Record const&, TimePoint) = 0;
        virtual WriteResult touch(SessionKey const&, Stored const&, TimePoint, TimePoint) = 0;
        virtual WriteResult rotate(SessionKey const&, Stored const&, SessionKey const&, Record const&,
                                   TimePoint) = 0;
        virtual bool erase(SessionKey const&) = 0;
        virtual std::size_t clear_expired(TimePoint, std::size_t) = 0;
    };

    template <class Storage>
    struct Model final : Interface {
        explicit Model(Storage made) : storage(std::move(made)) {}

        std::optional<Stored> load(SessionKey const& key, TimePoint now) override
        {
            return storage.load(key, now);
        }
        bool create(SessionKey const& key, Record const& record, TimePoint now) override
        {
            return storage.create(key, record, now);
        }
        WriteResult commit(SessionKey const& key, Stored const& seen, Record const& record,
                           TimePoint now) override
        {
            return storage.commit(key, seen, record, now);
        }
        WriteResult touch(SessionKey const& key, Stored const& seen, TimePoint expires,
                          TimePoint now) override
        {
            return storage.touch(key, seen, expires, now);
        }
        WriteResult rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh,
                           Record const& record, TimePoint now) override
        {
            return storage.rotate(key, seen, fresh, record, now);
        }
        bool erase(SessionKey const& key) override { return storage.erase(key); }
        std::size_t clear_expired(TimePoint now, std::size_t budget) override
        {
            return storage.clear_expired(now, budget);
        }

        Storage storage;
    };

    std::unique_ptr<Interface> storage_;
    std::unique_ptr<StageNotes> notes_ = std::make_unique<StageNotes>();
};

/// The same with the constants of a type.
template <class Purpose, Content content>
class StageStorage : public AnyStorage {
public:
    static constexpr std::string_view purpose = Purpose::purpose;
    static constexpr Content accepts = content;

    using AnyStorage::AnyStorage;
};

struct SessionStorePurpose {
    static constexpr std::string_view purpose = storage::session_store_purpose;
};

/// What stands for a storage: the same type for all that have the same constants.
template <StoragePolicy Storage>
using StageStorageFor =
    StageStorage<std::conditional_t<std::string_view{Storage::purpose} == storage::session_store_purpose,
                                    SessionStorePurpose, Storage>,
                 Content{Storage::accepts}>;

} // namespace cloakroom::inline v0::testing

#endif
