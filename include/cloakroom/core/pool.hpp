// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_POOL_HPP
#define CLOAKROOM_CORE_POOL_HPP

#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

namespace cloakroom::inline v0 {

/// Spare objects that are expensive to make and may be used by one thread at a time: keyed MACs, compression
/// states, database connections. lease() hands out a free one or makes one; the Lease puts it back.
///
/// At most `Slots` objects are kept while nobody uses them; what comes back beyond that is destroyed. There
/// is no limit on how many are out at once, nobody waits, and no lock is taken. A thread tends to meet the
/// object that it used last. Every member but the destructor may be called from all threads.
///
/// Neither copied nor moved; an owner that moves holds it through a std::unique_ptr. It outlives its leases.
template <class T, std::size_t Slots = 16>
class Pool {
public:
    using Factory = std::function<std::unique_ptr<T>()>;

    /// The use of one object. Empty when default-made or moved from; dereferencing is then undefined.
    class Lease {
    public:
        Lease() = default;
        Lease(Lease&& other) noexcept = default;
        Lease& operator=(Lease&& other) noexcept
        {
            Lease old{std::move(*this)};
            object_ = std::move(other.object_);
            pool_ = other.pool_;
            first_slot_ = other.first_slot_;
            return *this;
        }
        ~Lease()
        {
            if (object_)
                pool_->give_back(std::move(object_), first_slot_);
        }

        T& operator*() const noexcept { return *object_; }
        T* operator->() const noexcept { return object_.get(); }
        explicit operator bool() const noexcept { return object_ != nullptr; }

        /// Destroys the object instead of putting it back: it is broken.
        void discard() noexcept { object_.reset(); }

    private:
        friend Pool;
        Lease(Pool& pool, std::size_t first_slot, std::unique_ptr<T> object) noexcept
            : pool_(&pool), first_slot_(first_slot), object_(std::move(object))
        {
        }

        Pool* pool_ = nullptr;
        std::size_t first_slot_ = 0; // of the thread that leased
        std::unique_ptr<T> object_;
    };

    /// `make` is called from any thread, several at once, and only by lease().
    explicit Pool(Factory make) : make_(std::move(make)) {}
    ~Pool() { clear(); }
    Pool(Pool const&) = delete;
    Pool& operator=(Pool const&) = delete;

    /// A free object, else a new one. Throws what the factory throws.
    Lease lease()
    {
        auto const first = preferred_slot();
        for (std::size_t i = 0; i < Slots; ++i)
            if (auto object = take(slots_[(first + i) % Slots]))
                return Lease{*this, first, std::move(object)};
        return Lease{*this, first, make_()};
    }

    /// The same, passing over objects of which `is_unusable(object)` is true; they are destroyed. Gives up
    /// after as many as can have been free, and hands out the next as it is: whoever uses it finds out why.
    template <class IsUnusable>
    Lease lease_unless(IsUnusable is_unusable)
    {
        auto leased = lease();
        for (std::size_t i = 0; i <= Slots && is_unusable(*leased); ++i) {
            leased.discard();
            leased = lease();
        }
        return leased;
    }

    /// Destroys the objects that are free now. Those on lease still come back.
    void clear() noexcept
    {
        for (auto& slot : slots_)
            take(slot);
    }

private:
    /// Alone on its cache line, so that threads with different slots do not slow each other.
    struct alignas(64) Slot {
        std::atomic<T*> object{nullptr};
    };

    static std::size_t preferred_slot() noexcept
    {
        return std::hash<std::thread::id>{}(std::this_thread::get_id()) % Slots;
    }

    static std::unique_ptr<T> take(Slot& slot) noexcept
    {
        if (slot.object.load(std::memory_order_relaxed) == nullptr)
            return nullptr;
        return std::unique_ptr<T>{slot.object.exchange(nullptr, std::memory_order_acquire)};
    }

    void give_back(std::unique_ptr<T> object, std::size_t first) noexcept
    {
        for (std::size_t i = 0; i < Slots; ++i) {
            T* free = nullptr;
            if (slots_[(first + i) % Slots].object.compare_exchange_strong(
                    free, object.get(), std::memory_order_release, std::memory_order_relaxed)) {
                object.release();
                return;
            }
        }
    }

    Factory make_;
    std::array<Slot, Slots> slots_;
};

} // namespace cloakroom::inline v0

#endif
