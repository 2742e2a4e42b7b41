// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_SCHEDULED_HPP
#define CLOAKROOM_TESTING_SCHEDULED_HPP

#include <cloakroom/storage/concept.hpp>
#include <cloakroom/testing/interleave.hpp>
#include <cloakroom/testing/storage_story.hpp>
#include <cloakroom/testing/storage_wrapper.hpp>
#include <cloakroom/testing/turns.hpp>

#include <utility>

namespace cloakroom::inline v0::testing {

/// Makes each call of a storage an interleave_point, and notes the answers for the story.
struct TakeTurns {
    template <class Call>
    auto operator()(Operation operation, Call const& call) const
    {
        interleave_point(to_text(operation));
        auto answer = call();
        Turns::note(answer_text(answer));
        return answer;
    }
};

/// A storage whose calls wait for their turn in for_each_interleaving; elsewhere it is the storage inside.
template <StoragePolicy Inner>
class Scheduled : public StorageWrapper<Inner, TakeTurns> {
public:
    explicit Scheduled(Inner inner) : StorageWrapper<Inner, TakeTurns>(std::move(inner), {}) {}
};

} // namespace cloakroom::inline v0::testing

#endif
