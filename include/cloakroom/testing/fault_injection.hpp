// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_FAULT_INJECTION_HPP
#define CLOAKROOM_TESTING_FAULT_INJECTION_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/testing/storage_story.hpp>
#include <cloakroom/testing/storage_wrapper.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

namespace cloakroom::inline v0::testing {

/// When a broken store is noticed.
enum class Moment {
    before, ///< the store did nothing
    after,  ///< the store did it, and the answer was lost
};

/// Counts the calls of a storage and lets chosen ones throw StorageError. Copies share the counts and the
/// faults, so a test keeps one and gives one to the storage. May be used from all threads.
class Faults {
public:
    /// The `number`-th call from now on throws, 1 being the next.
    void fail_call(std::size_t number, Moment moment) const
    {
        std::scoped_lock const lock{state_->mutex};
        state_->countdown = number;
        state_->moment = moment;
    }

    /// Every call of this operation throws.
    void fail(Operation operation, Moment moment) const
    {
        std::scoped_lock const lock{state_->mutex};
        state_->broken[index(operation)] = moment;
    }

    /// Nothing throws any more. Counts stay.
    void heal() const
    {
        std::scoped_lock const lock{state_->mutex};
        state_->countdown = 0;
        state_->broken = {};
    }

    /// Calls that were made, the failed ones too.
    std::size_t count(Operation operation) const
    {
        std::scoped_lock const lock{state_->mutex};
        return state_->counts[index(operation)];
    }
    std::size_t count() const
    {
        std::scoped_lock const lock{state_->mutex};
        return std::accumulate(state_->counts.begin(), state_->counts.end(), std::size_t{0});
    }
    /// Which operation failed last.
    std::optional<Operation> failed() const
    {
        std::scoped_lock const lock{state_->mutex};
        return state_->failed;
    }
    void reset_counts() const
    {
        std::scoped_lock const lock{state_->mutex};
        state_->counts = {};
        state_->failed.reset();
    }

    template <class Call>
    auto operator()(Operation operation, Call const& call) const
    {
        auto const fault = enter(operation);
        if (fault == Moment::before)
            broken(operation, " was not reached");
        auto answer = call();
        if (fault == Moment::after)
            broken(operation, " did not answer");
        return answer;
    }

private:
    struct State {
        std::mutex mutex;
        std::array<std::size_t, operation_count> counts{};
        std::array<std::optional<Moment>, operation_count> broken{};
        std::size_t countdown = 0;
        Moment moment = Moment::before;
        std::optional<Operation> failed;
    };

    static std::size_t index(Operation operation) { return static_cast<std::size_t>(operation); }

    [[noreturn]] static void broken(Operation operation, char const* how)
    {
        throw StorageError{std::string{"an injected fault: "} + to_text(operation) + how};
    }

    std::optional<Moment> enter(Operation operation) const
    {
        std::scoped_lock const lock{state_->mutex};
        ++state_->counts[index(operation)];
        auto fault = state_->broken[index(operation)];
        if (state_->countdown != 0 && --state_->countdown == 0)
            fault = state_->moment;
        if (fault)
            state_->failed = operation;
        return fault;
    }

    std::shared_ptr<State> state_ = std::make_shared<State>();
};

/// A storage that fails on demand.
template <StoragePolicy Inner>
class Faulty : public StorageWrapper<Inner, Faults> {
public:
    explicit Faulty(Inner inner, Faults faults = {})
        : StorageWrapper<Inner, Faults>(std::move(inner), std::move(faults))
    {
    }

    Faults const& faults() const { return this->around(); }
};

} // namespace cloakroom::inline v0::testing

#endif
