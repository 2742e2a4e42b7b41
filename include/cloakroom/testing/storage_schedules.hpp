// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_STORAGE_SCHEDULES_HPP
#define CLOAKROOM_TESTING_STORAGE_SCHEDULES_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/testing/storage_law_options.hpp>
#include <cloakroom/testing/storage_witness.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cloakroom::inline v0::testing {

/// Clients that share one record, each with what it has seen of it, and the steps that make a difference now.
///
/// Left out is what another schedule shows as well or what nobody can get wrong: a client that acts before
/// those with a lower number did (clients are alike), two neighbouring loads in falling order (they commute),
/// a write without a load before, a load of what one has just seen, a write that failed and would fail for
/// the same reason.
template <StoragePolicy Storage>
class StorageScene {
public:
    enum class Kind { load, commit, touch, rotate, erase, create, expire, sweep };

    struct Step {
        std::size_t client;
        Kind kind;
    };

    StorageScene(Storage& storage, StorageLawOptions const& options)
        : witness_(storage, options.freedom, StorageWitness<Storage>::start_time()),
          clients_(options.clients),
          sweeps_(options.freedom.sweeps)
    {
        auto const key = witness_.new_key();
        witness_.create(key, next_record());
        for (auto& client : clients_)
            client.key = key;
    }

    StorageWitness<Storage>& witness() { return witness_; }
    /// The steps that make a difference now, each time in the same order.
    void list(std::vector<Step>& steps) const;
    void take(Step step);

private:
    struct Client {
        StorageModel::Key key = 0;
        std::optional<Seen> seen;
        /// Marks of the key at the last load, at the last write that was refused, and at the last erase.
        std::uint64_t loaded_at = 0;
        std::uint64_t refused_at = 0;
        std::uint64_t erased_at = 0;
    };

    Record next_record()
    {
        ++writes_;
        return {"w" + std::to_string(writes_), witness_.now() + std::chrono::minutes{60 + writes_}};
    }
    bool last_was_load_after(std::size_t client) const
    {
        return last_ && last_->kind == Kind::load && last_->client > client;
    }
    void write(Client& client, Kind kind);
    void expire();

    StorageWitness<Storage> witness_;
    std::vector<Client> clients_;
    bool sweeps_;
    int writes_ = 0;
    std::optional<Step> last_;
    std::size_t known_ = 0; // clients that acted already
};

/// Walks through every schedule of up to options.depth steps, the short ones first, so that the first story
/// told is a shortest one. Every answer is compared with the model, and at the end of each schedule what the
/// store holds.
template <StoragePolicy Storage>
StorageLawReport walk_schedules(Storage& storage, StorageLawOptions const& options)
{
    using Scene = StorageScene<Storage>;
    struct Branch {
        std::vector<typename Scene::Step> steps;
        std::size_t next = 0;
    };
    StorageLawReport report;
    for (std::size_t depth = 1; depth <= options.depth; ++depth) {
        std::vector<Branch> path;
        report.schedules = 0;
        do {
            Scene scene{storage, options};
            scene.witness().tell("in every schedule", [&] {
                for (std::size_t i = 0; i < depth; ++i) {
                    if (i == path.size()) {
                        path.emplace_back();
                        scene.list(path.back().steps);
                    }
                    if (path[i].steps.empty())
                        break;
                    scene.take(path[i].steps[path[i].next]);
                    ++report.steps;
                }
                scene.witness().finish();
            });
            ++report.schedules;
            while (!path.empty() && ++path.back().next >= path.back().steps.size())
                path.pop_back();
        } while (!path.empty());
    }
    return report;
}

template <StoragePolicy Storage>
void StorageScene<Storage>::list(std::vector<Step>& steps) const
{
    auto const& model = witness_.model();
    for (std::size_t i = 0; i < std::min(known_ + 1, clients_.size()); ++i) {
        auto const& client = clients_[i];
        auto const& slot = model.slot(client.key);
        if (client.loaded_at != slot.mark && !last_was_load_after(i))
            steps.push_back({i, Kind::load});
        if (client.seen && client.refused_at != slot.mark) {
            steps.push_back({i, Kind::commit});
            steps.push_back({i, Kind::touch});
            steps.push_back({i, Kind::rotate});
        }
        if (slot.present || client.erased_at != slot.mark)
            steps.push_back({i, Kind::erase});
        if (!model.is_live(client.key, witness_.now()) && last_)
            steps.push_back({i, Kind::create});
    }
    bool live = false;
    bool dead = false;
    for (StorageModel::Key key = 0; key < model.size(); ++key) {
        live = live || model.is_live(key, witness_.now());
        dead = dead || (model.slot(key).present && !model.is_live(key, witness_.now()));
    }
    if (live)
        steps.push_back({0, Kind::expire});
    if (dead && sweeps_)
        steps.push_back({0, Kind::sweep});
}

template <StoragePolicy Storage>
void StorageScene<Storage>::take(Step step)
{
    last_ = step;
    if (step.kind == Kind::expire)
        return expire();
    if (step.kind == Kind::sweep) {
        witness_.set_now(witness_.now() + Duration{1});
        witness_.clear_expired();
        return;
    }
    known_ = std::max(known_, step.client + 1);
    witness_.act_as(step.client);
    auto& client = clients_[step.client];
    switch (step.kind) {
    case Kind::load:
        if (auto const seen = witness_.load(client.key))
            client.seen = seen;
        client.refused_at = 0;
        client.loaded_at = witness_.model().slot(client.key).mark;
        return;
    case Kind::erase:
        witness_.erase(client.key);
        client.erased_at = witness_.model().slot(client.key).mark;
        return;
    case Kind::create:
        witness_.create(client.key, next_record());
        return;
    default:
        return write(client, step.kind);
    }
}

template <StoragePolicy Storage>
void StorageScene<Storage>::write(Client& client, Kind kind)
{
    auto const record = next_record();
    auto fresh = client.key;
    auto answer = WriteResult::absent;
    if (kind == Kind::commit) {
        answer = witness_.commit(client.key, *client.seen, record);
    } else if (kind == Kind::touch) {
        answer = witness_.touch(client.key, *client.seen, record.expires);
    } else {
        fresh = witness_.new_key();
        answer = witness_.rotate(client.key, *client.seen, fresh, record);
    }
    if (answer != WriteResult::committed) {
        client.refused_at = witness_.model().slot(client.key).mark;
    } else if (kind == Kind::rotate) {
        client = {};
        client.key = fresh;
    }
}

template <StoragePolicy Storage>
void StorageScene<Storage>::expire()
{
    auto const& model = witness_.model();
    auto moment = latest_time;
    for (StorageModel::Key key = 0; key < model.size(); ++key)
        if (model.is_live(key, witness_.now()))
            moment = std::min(moment, model.slot(key).record.expires);
    witness_.set_now(moment);
    for (auto& client : clients_) {
        client.loaded_at = 0;
        client.refused_at = 0;
        client.erased_at = 0;
    }
}

} // namespace cloakroom::inline v0::testing

#endif
