// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_STORAGE_WITNESS_HPP
#define CLOAKROOM_TESTING_STORAGE_WITNESS_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/testing/law.hpp>
#include <cloakroom/testing/storage_model.hpp>
#include <cloakroom/testing/storage_story.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::testing {

/// Does every operation on a storage and on the model, and throws LawBroken with the whole story at the first
/// answer that the model does not allow. Keys are new ones, so that many witnesses can share a store, and its
/// time begins a day from now, so that no store's own deadline passes meanwhile.
template <StoragePolicy Storage>
class StorageWitness {
public:
    using Key = StorageModel::Key;

    /// `storage` outlives the witness.
    StorageWitness(Storage& storage, Freedom freedom, TimePoint start)
        : storage_(storage), freedom_(freedom), model_(freedom), story_(start), now_(start)
    {
    }

    static TimePoint start_time() { return system_now() + std::chrono::hours{24}; }

    Key new_key() { return add_key(SessionKey::generate()); }
    /// `key` is one that nobody uses.
    Key add_key(SessionKey const& key)
    {
        keys_.push_back(key);
        return model_.add_key();
    }
    SessionKey const& key(Key key) const { return keys_[key]; }

    /// Who does what follows.
    void act_as(std::size_t client) { client_ = client; }
    void set_now(TimePoint moment) { now_ = moment; }
    TimePoint now() const { return now_; }
    StorageModel const& model() const { return model_; }
    Storage& storage() { return storage_; }
    std::string story() const { return story_.text(); }

    std::optional<Seen> load(Key key);
    bool create(Key key, Record const& record);
    WriteResult commit(Key key, Seen const& seen, Record const& record);
    WriteResult touch(Key key, Seen const& seen, TimePoint expires);
    WriteResult rotate(Key key, Seen const& seen, Key fresh, Record const& record);
    bool erase(Key key);
    /// Without `budget`, one that is large enough for all.
    std::size_t clear_expired(std::size_t budget = 1'000'000);

    /// Compares what is left under every key, erases it, and looks that it is gone.
    void finish();

    /// Throws LawBroken with the story.
    [[noreturn]] void fail(std::string const& what) const { throw LawBroken{what + story()}; }

    /// Runs `script`. What it throws becomes a LawBroken with the law and the story.
    template <class Script>
    void tell(char const* law, Script const& script) const
    {
        try {
            script();
        } catch (LawBroken const& broken) {
            throw LawBroken{std::string{law} + ": " + broken.what()};
        } catch (StorageError const& thrown) {
            throw LawBroken{std::string{law} + ": The last step threw: " + thrown.what() + story()};
        } catch (std::exception const& thrown) {
            throw LawBroken{std::string{law} +
                            ": The last step threw, and what it threw is no StorageError: " + thrown.what() +
                            story()};
        }
    }

private:
    StorageStep& step(Operation operation, Key key)
    {
        StorageStep step;
        step.client = client_;
        step.operation = operation;
        step.key = key;
        step.now = now_;
        return story_.add(std::move(step));
    }

    void check(Presence right, bool answer, char const* yes = "true", char const* no = "false")
    {
        if ((answer && right == Presence::no) || (!answer && right == Presence::yes))
            fail(std::string{"The last answer is wrong; right is "} + (answer ? no : yes) + ".");
    }

    void check(WriteAnswers right, WriteResult answer)
    {
        if (!right.contains(answer))
            fail("The last answer is wrong; right is " + right.text() + ".");
    }

    Storage& storage_;
    Freedom freedom_;
    StorageModel model_;
    StorageStory story_;
    TimePoint now_;
    std::size_t client_ = 0;
    std::vector<SessionKey> keys_;
};

template <StoragePolicy Storage>
std::optional<Seen> StorageWitness<Storage>::load(Key key)
{
    auto& step = this->step(Operation::load, key);
    auto const right = model_.load(key, now_);
    auto const found = storage_.load(keys_[key], now_);
    step.answer = found ? "found" : "nothing";
    if (found)
        step.record = {found->payload, found->expires};
    check(right, found.has_value(), "the record", "nothing");
    if (!found)
        return std::nullopt;
    auto const& slot = model_.slot(key);
    if (found->payload != slot.record.payload)
        fail("The last load found another payload than " + StorageStory::payload(slot.record.payload) + ".");
    if (found->expires != slot.record.expires)
        fail("The last load found another expiry than " + story_.time(slot.record.expires) + ".");
    step.mark = slot.mark;
    return Seen{*found, slot.mark};
}

template <StoragePolicy Storage>
bool StorageWitness<Storage>::create(Key key, Record const& record)
{
    auto& step = this->step(Operation::create, key);
    step.record = record;
    auto const taken = model_.taken(key, now_);
    auto const created = storage_.create(keys_[key], record, now_);
    step.answer = created ? "true" : "false";
    check(taken == Presence::yes ? Presence::no : taken == Presence::no ? Presence::yes : taken, created);
    if (created)
        model_.put(key, record);
    return created;
}

template <StoragePolicy Storage>
WriteResult StorageWitness<Storage>::commit(Key key, Seen const& seen, Record const& record)
{
    auto& step = this->step(Operation::commit, key);
    step.mark = seen.mark;
    step.record = record;
    auto const right = model_.commit(key, seen, now_);
    auto const answer = storage_.commit(keys_[key], seen.stored, record, now_);
    step.answer = to_text(answer);
    check(right, answer);
    if (answer == WriteResult::committed)
        model_.put(key, record);
    return answer;
}

template <StoragePolicy Storage>
WriteResult StorageWitness<Storage>::touch(Key key, Seen const& seen, TimePoint expires)
{
    auto& step = this->step(Operation::touch, key);
    step.mark = seen.mark;
    step.record.expires = expires;
    auto const right = model_.touch(key, seen, now_);
    auto const answer = storage_.touch(keys_[key], seen.stored, expires, now_);
    step.answer = to_text(answer);
    check(right, answer);
    if (answer == WriteResult::committed)
        model_.move_expiry(key, expires);
    return answer;
}

template <StoragePolicy Storage>
WriteResult StorageWitness<Storage>::rotate(Key key, Seen const& seen, Key fresh, Record const& record)
{
    auto& step = this->step(Operation::rotate, key);
    step.fresh = fresh;
    step.mark = seen.mark;
    step.record = record;
    auto const right = model_.rotate(key, seen, fresh, now_);
    auto const answer = storage_.rotate(keys_[key], seen.stored, keys_[fresh], record, now_);
    step.answer = to_text(answer);
    check(right, answer);
    if (answer == WriteResult::committed) {
        model_.remove(key);
        model_.put(fresh, record);
    }
    return answer;
}

template <StoragePolicy Storage>
bool StorageWitness<Storage>::erase(Key key)
{
    auto& step = this->step(Operation::erase, key);
    auto const right = model_.erase(key);
    auto const erased = storage_.erase(keys_[key]);
    step.answer = erased ? "true" : "false";
    check(right, erased);
    model_.remove(key);
    return erased;
}

template <StoragePolicy Storage>
std::size_t StorageWitness<Storage>::clear_expired(std::size_t budget)
{
    auto& step = this->step(Operation::clear_expired, 0);
    step.fresh = budget;
    auto const expired = model_.expired(now_);
    auto const cleared = storage_.clear_expired(now_, budget);
    step.answer = cleared == 0 ? "none" : cleared == budget ? "the whole budget" : "fewer than the budget";
    if (cleared > budget)
        fail("The last clear_expired answered more than its budget.");
    if (!freedom_.sweeps || budget == 0)
        return cleared;
    if (cleared == budget) {
        model_.doubt_expired(now_);
        return cleared;
    }
    if (cleared < expired && !freedom_.expired_may_leave)
        fail("The last clear_expired answered " + std::to_string(cleared) + ", but " +
             std::to_string(expired) + " had expired.");
    model_.remove_expired(now_);
    return cleared;
}

template <StoragePolicy Storage>
void StorageWitness<Storage>::finish()
{
    for (Key key = 0; key < keys_.size(); ++key) {
        load(key);
        erase(key);
        load(key);
    }
}

} // namespace cloakroom::inline v0::testing

#endif
