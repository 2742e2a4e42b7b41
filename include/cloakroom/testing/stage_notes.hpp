// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_STAGE_NOTES_HPP
#define CLOAKROOM_TESTING_STAGE_NOTES_HPP

#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/testing/law.hpp>
#include <cloakroom/testing/storage_story.hpp>

#include <cstddef>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::testing {

/// What was asked of the storage under test since the last begin(), for the laws of sessions and for the
/// story of a broken one.
class StageNotes {
public:
    void begin();
    /// Notes the call and hands on its answer; LawBroken when the storage refuses for ever.
    template <class Call>
    std::invoke_result_t<Call const&> operator()(Operation operation, Call const& call);
    /// That something may be stored under the key from now on.
    void add_key(SessionKey const& key);
    /// The keys since the last call.
    std::vector<SessionKey> take_keys();
    /// The calls as a numbered list for people; of a long one its end.
    std::string story() const;

private:
    void add(Operation operation, std::string const& answer);
    void refused(WriteResult answer);
    template <class Answer>
    void refused(Answer const&)
    {
    }

    mutable std::mutex mutex_;
    std::vector<SessionKey> keys_;
    std::vector<std::string> calls_;
    int refusals_ = 0;
};

inline void StageNotes::begin()
{
    std::scoped_lock const lock{mutex_};
    calls_.clear();
    refusals_ = 0;
}

template <class Call>
std::invoke_result_t<Call const&> StageNotes::operator()(Operation operation, Call const& call)
{
    try {
        auto answer = call();
        add(operation, answer_text(answer));
        refused(answer);
        return answer;
    } catch (LawBroken const&) {
        throw;
    } catch (...) {
        add(operation, "threw");
        throw;
    }
}

inline void StageNotes::add(Operation operation, std::string const& answer)
{
    std::scoped_lock const lock{mutex_};
    calls_.push_back(std::string{to_text(operation)} + " -> " + answer);
}

/// Nobody is refused more often than others write, and each of a few requests writes once or twice.
inline void StageNotes::refused(WriteResult answer)
{
    constexpr int limit = 25;
    std::scoped_lock const lock{mutex_};
    auto const again = answer == WriteResult::conflict || answer == WriteResult::taken;
    refusals_ = again ? refusals_ + 1 : 0;
    if (refusals_ < limit)
        return;
    refusals_ = 0;
    throw LawBroken{
        answer == WriteResult::taken
            ? "The storage refused " + std::to_string(limit) +
                  " writes in a row, this time with taken. A rotate to a key that nobody uses has to be done."
            : "The storage refused " + std::to_string(limit) +
                  " writes in a row, this time with conflict, and nobody else wrote meanwhile. A write that "
                  "hands back what load has just returned has to be committed."};
}

inline void StageNotes::add_key(SessionKey const& key)
{
    std::scoped_lock const lock{mutex_};
    keys_.push_back(key);
}

inline std::vector<SessionKey> StageNotes::take_keys()
{
    std::scoped_lock const lock{mutex_};
    return std::exchange(keys_, {});
}

inline std::string StageNotes::story() const
{
    constexpr std::size_t told = 12;
    std::scoped_lock const lock{mutex_};
    auto const first = calls_.size() > told ? calls_.size() - told : 0;
    std::string text = first > 0 ? "\n  ..." : "";
    for (auto i = first; i < calls_.size(); ++i)
        text += "\n  " + std::to_string(i + 1) + ". " + calls_[i];
    return text;
}

} // namespace cloakroom::inline v0::testing

#endif
