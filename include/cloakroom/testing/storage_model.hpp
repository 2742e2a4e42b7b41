// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_STORAGE_MODEL_HPP
#define CLOAKROOM_TESTING_STORAGE_MODEL_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/storage/concept.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::testing {

/// What a storage may do beyond the letter of the contract. The default is the letter.
struct Freedom {
    /// A dead record may be gone before anybody clears it, as in stores with a deadline of their own.
    bool expired_may_leave = false;
    /// clear_expired removes. False where the store's own deadline is all there is and it answers 0.
    bool sweeps = true;
};

/// A set of write answers.
class WriteAnswers {
public:
    constexpr WriteAnswers(std::initializer_list<WriteResult> answers)
    {
        for (auto const answer : answers)
            bits_ |= 1U << static_cast<unsigned>(answer);
    }

    constexpr bool contains(WriteResult answer) const
    {
        return (bits_ >> static_cast<unsigned>(answer) & 1U) != 0;
    }
    constexpr WriteAnswers with(WriteResult answer) const
    {
        auto more = *this;
        more.bits_ |= 1U << static_cast<unsigned>(answer);
        return more;
    }

    /// "committed or conflict".
    std::string text() const;

private:
    unsigned bits_ = 0;
};

/// Whether something is there, for a model that may not know.
enum class Presence { no, yes, either };

/// What a load returned, with the model's own mark of that moment. A `mark` of 0 is an invented version.
struct Seen {
    Stored stored;
    std::uint64_t mark = 0;
};

/// The contract of StoragePolicy as a small map: which answers are right now, and what the store holds after
/// an answer. It leaves open what the contract leaves open: whether a version is another one when payload and
/// expiry are those that were seen but somebody wrote or touched in between.
class StorageModel {
public:
    using Key = std::size_t;

    struct Slot {
        bool present = false;
        /// It expired, and a clear_expired that used up its budget may have taken it.
        bool doubtful = false;
        Record record;
        /// Changes with every change under this key, a disappearance too.
        std::uint64_t mark = 0;
    };

    explicit StorageModel(Freedom freedom = {}) : freedom_(freedom) {}

    Key add_key();
    std::size_t size() const { return slots_.size(); }
    Slot const& slot(Key key) const { return slots_[key]; }
    bool is_live(Key key, TimePoint now) const { return slot(key).present && slot(key).record.expires > now; }

    /// The right answers. Times only move forward, so each of them notes `now`.
    Presence load(Key key, TimePoint now);
    Presence taken(Key key, TimePoint now);
    Presence erase(Key key) const { return presence(key); }
    WriteAnswers commit(Key key, Seen const& seen, TimePoint now);
    WriteAnswers touch(Key key, Seen const& seen, TimePoint now);
    WriteAnswers rotate(Key key, Seen const& seen, Key fresh, TimePoint now);
    /// How many records a clear_expired of any budget has to remove.
    std::size_t expired(TimePoint now);

    /// What an answer means.
    void put(Key key, Record record);
    void move_expiry(Key key, TimePoint expires);
    void remove(Key key);
    void remove_expired(TimePoint now);
    void doubt_expired(TimePoint now);

private:
    Presence presence(Key key) const;

    Freedom freedom_;
    std::vector<Slot> slots_;
    std::uint64_t last_mark_ = 0;
    TimePoint latest_now_ = earliest_time;
};

inline char const* to_text(WriteResult answer)
{
    switch (answer) {
    case WriteResult::committed:
        return "committed";
    case WriteResult::conflict:
        return "conflict";
    case WriteResult::absent:
        return "absent";
    case WriteResult::taken:
        return "taken";
    }
    return "an answer that WriteResult does not have";
}

inline std::string WriteAnswers::text() const
{
    std::string text;
    for (auto const answer :
         {WriteResult::committed, WriteResult::conflict, WriteResult::absent, WriteResult::taken})
        if (contains(answer))
            text += (text.empty() ? "" : " or ") + std::string{to_text(answer)};
    return text;
}

inline StorageModel::Key StorageModel::add_key()
{
    slots_.push_back({false, false, {}, ++last_mark_});
    return slots_.size() - 1;
}

inline Presence StorageModel::presence(Key key) const
{
    auto const& found = slot(key);
    if (!found.present)
        return Presence::no;
    auto const may_have_left = freedom_.expired_may_leave && found.record.expires <= latest_now_;
    return found.doubtful || may_have_left ? Presence::either : Presence::yes;
}

inline Presence StorageModel::load(Key key, TimePoint now)
{
    latest_now_ = std::max(latest_now_, now);
    return is_live(key, now) ? presence(key) : Presence::no;
}

inline Presence StorageModel::taken(Key key, TimePoint now)
{
    latest_now_ = std::max(latest_now_, now);
    return presence(key);
}

inline WriteAnswers StorageModel::commit(Key key, Seen const& seen, TimePoint now)
{
    latest_now_ = std::max(latest_now_, now);
    if (!is_live(key, now))
        return {WriteResult::absent};
    if (slot(key).record.payload != seen.stored.payload)
        return {WriteResult::conflict};
    if (slot(key).mark == seen.mark)
        return {WriteResult::committed};
    return {WriteResult::committed, WriteResult::conflict};
}

inline WriteAnswers StorageModel::touch(Key key, Seen const& seen, TimePoint now)
{
    auto const answers = commit(key, seen, now);
    if (is_live(key, now) && slot(key).record.expires != seen.stored.expires)
        return {WriteResult::conflict};
    return answers;
}

inline WriteAnswers StorageModel::rotate(Key key, Seen const& seen, Key fresh, TimePoint now)
{
    auto const answers = commit(key, seen, now);
    auto const in_use = presence(fresh);
    if (in_use == Presence::no)
        return answers;
    if (in_use == Presence::either || !answers.contains(WriteResult::committed))
        return answers.with(WriteResult::taken);
    if (answers.contains(WriteResult::conflict))
        return {WriteResult::conflict, WriteResult::taken};
    return {WriteResult::taken};
}

inline std::size_t StorageModel::expired(TimePoint now)
{
    latest_now_ = std::max(latest_now_, now);
    auto const dead = [&](Slot const& each) {
        return each.present && !each.doubtful && each.record.expires < now;
    };
    return static_cast<std::size_t>(std::count_if(slots_.begin(), slots_.end(), dead));
}

inline void StorageModel::put(Key key, Record record)
{
    slots_[key] = {true, false, std::move(record), ++last_mark_};
}

inline void StorageModel::move_expiry(Key key, TimePoint expires)
{
    slots_[key].record.expires = expires;
    slots_[key].mark = ++last_mark_;
}

inline void StorageModel::remove(Key key)
{
    slots_[key] = {false, false, {}, ++last_mark_};
}

inline void StorageModel::remove_expired(TimePoint now)
{
    for (Key key = 0; key < slots_.size(); ++key)
        if (slots_[key].present && slots_[key].record.expires < now)
            remove(key);
}

inline void StorageModel::doubt_expired(TimePoint now)
{
    for (auto& slot : slots_)
        slot.doubtful = slot.doubtful || (slot.present && slot.record.expires < now);
}

} // namespace cloakroom::inline v0::testing

#endif
