// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_STORAGE_STORY_HPP
#define CLOAKROOM_TESTING_STORAGE_STORY_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/hex.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/testing/storage_model.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::testing {

/// The operations of StoragePolicy.
enum class Operation { load, create, commit, touch, rotate, erase, clear_expired };

inline constexpr std::size_t operation_count = 7;

/// One call of a storage: who called what, and what was answered.
struct StorageStep {
    std::size_t client = 0;
    Operation operation{};
    StorageModel::Key key = 0;
    /// The key that is rotated to, or the budget of a clear_expired.
    std::size_t fresh = 0;
    /// The mark of what was loaded, or of what a write says it has seen.
    std::uint64_t mark = 0;
    /// What is written, or what was loaded. Of a touch only the expiry.
    Record record;
    TimePoint now;
    std::string_view answer = "threw";
};

/// The steps so far, as a numbered list for people; of a long story those that concern the keys of the last
/// step. Times are seconds since `start`.
class StorageStory {
public:
    explicit StorageStory(TimePoint start) : start_(start) {}

    StorageStep& add(StorageStep step)
    {
        steps_.push_back(std::move(step));
        return steps_.back();
    }
    std::size_t size() const { return steps_.size(); }

    std::string text() const;
    std::string time(TimePoint moment) const;
    static std::string payload(std::string_view bytes);

private:
    static bool concerns(StorageStep const& step, StorageModel::Key key);
    std::string line(StorageStep const& step) const;
    std::string seen_at(StorageStep const& step) const;

    TimePoint start_;
    std::vector<StorageStep> steps_;
};

inline char const* to_text(Operation operation)
{
    constexpr char const* names[operation_count] = {"load",   "create", "commit",       "touch",
                                                    "rotate", "erase",  "clear_expired"};
    return names[static_cast<std::size_t>(operation)];
}

/// What a storage answered, for people.
inline std::string answer_text(WriteResult answer)
{
    return to_text(answer);
}
inline std::string answer_text(bool answer)
{
    return answer ? "true" : "false";
}
inline std::string answer_text(std::size_t answer)
{
    return std::to_string(answer);
}
inline std::string answer_text(std::optional<Stored> const& answer)
{
    return answer ? "found" : "nothing";
}

/// "A" for client 0, "B" for client 1.
inline std::string client_name(std::size_t client)
{
    return std::string(1, static_cast<char>('A' + client % 26));
}

inline std::string StorageStory::text() const
{
    constexpr std::size_t told_as_a_whole = 30;
    std::string text;
    std::size_t left_out = 0;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        auto const& last = steps_.back();
        if (steps_.size() <= told_as_a_whole || concerns(steps_[i], last.key) ||
            (last.operation == Operation::rotate && concerns(steps_[i], last.fresh)))
            text += "\n  " + std::to_string(i + 1) + ". " + line(steps_[i]);
        else
            ++left_out;
    }
    if (left_out != 0)
        text += "\n  (" + std::to_string(left_out) + " steps with other keys are left out)";
    return text;
}

inline bool StorageStory::concerns(StorageStep const& step, StorageModel::Key key)
{
    return step.operation == Operation::clear_expired || step.key == key ||
           (step.operation == Operation::rotate && step.fresh == key);
}

inline std::string StorageStory::time(TimePoint moment) const
{
    if (moment == latest_time)
        return "the latest time";
    auto const distance = (moment - start_).count();
    auto const micros = distance < 0 ? -distance : distance;
    auto fraction = std::to_string(micros % 1'000'000);
    fraction.insert(0, 6 - fraction.size(), '0');
    return (distance < 0 ? "-" : "+") + std::to_string(micros / 1'000'000) + "." + fraction + " s";
}

inline std::string StorageStory::payload(std::string_view bytes)
{
    constexpr std::size_t shown = 24;
    std::string text = "\"";
    for (auto const c : bytes.substr(0, shown)) {
        auto const byte = static_cast<unsigned char>(c);
        if (c >= ' ' && c <= '~')
            text += c;
        else
            text.append("\\x") += {hex_digits[byte >> 4], hex_digits[byte & 15]};
    }
    text += '"';
    return bytes.size() <= shown ? text : text + "... (" + std::to_string(bytes.size()) + " bytes)";
}

inline std::string StorageStory::seen_at(StorageStep const& step) const
{
    std::string text = "a version that nobody loaded";
    for (std::size_t i = 0; i < steps_.size() && &steps_[i] != &step; ++i)
        if (steps_[i].operation == Operation::load && step.mark != 0 && steps_[i].mark == step.mark &&
            (text.front() == 'a' || steps_[i].client == step.client))
            text = "the version of step " + std::to_string(i + 1);
    return text;
}

inline std::string StorageStory::line(StorageStep const& step) const
{
    auto const key = "key " + std::to_string(step.key + 1);
    auto const until = " until " + time(step.record.expires);
    auto const content = payload(step.record.payload) + until;
    auto const called = time(step.now) + " " + client_name(step.client) + ": " + to_text(step.operation);
    auto const answer = " -> " + std::string{step.answer};
    switch (step.operation) {
    case Operation::load:
        return called + " " + key + answer + (step.answer == "found" ? " " + content : "");
    case Operation::create:
        return called + " " + key + ", " + content + answer;
    case Operation::commit:
        return called + " " + key + ", " + seen_at(step) + ", " + content + answer;
    case Operation::touch:
        return called + " " + key + ", " + seen_at(step) + "," + until + answer;
    case Operation::rotate:
        return called + " " + key + ", " + seen_at(step) + ", to key " + std::to_string(step.fresh + 1) +
               ", " + content + answer;
    case Operation::erase:
        return called + " " + key + answer;
    case Operation::clear_expired:
        return called + " of at most " + std::to_string(step.fresh) + answer;
    }
    return called + answer;
}

} // namespace cloakroom::inline v0::testing

#endif
