// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_SCHEDULED_HPP
#define CLOAKROOM_TESTING_SCHEDULED_HPP

#include <cloakroom/core/record.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/testing/interleave.hpp>
#include <cloakroom/testing/storage_model.hpp>
#include <cloakroom/testing/storage_story.hpp>
#include <cloakroom/testing/storage_wrapper.hpp>
#include <cloakroom/testing/turns.hpp>

#include <optional>
#include <string>
#include <utility>

namespace cloakroom::inline v0::testing {

/// Makes each call of a storage an interleave_point, and notes the answers for the story.
struct TakeTurns {
    template <class Call>
    auto operator()(Operation operation, Call const& call) const
    {
        interleave_point(to_text(operation));
        auto answer = call();
        Turns::note(text(answer));
        return answer;
    }

private:
    static std::string text(WriteResult answer) { return to_text(answer); }
    static std::string text(bool answer) { return answer ? "true" : "false"; }
    static std::string text(std::size_t answer) { return std::to_string(answer); }
    static std::string text(std::optional<Stored> const& answer) { return answer ? "found" : "nothing"; }
};

/// A storage whose calls wait for their turn in for_each_interleaving; elsewhere it is the storage inside.
template <StoragePolicy Inner>
class Scheduled : public StorageWrapper<Inner, TakeTurns> {
public:
    explicit Scheduled(Inner inner) : StorageWrapper<Inner, TakeTurns>(std::move(inner), {}) {}
};

} // namespace cloakroom::inline v0::testing

#endif
