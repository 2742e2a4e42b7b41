// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_STORAGE_LAWS_HPP
#define CLOAKROOM_TESTING_STORAGE_LAWS_HPP

#include <cloakroom/storage/concept.hpp>
#include <cloakroom/testing/storage_change_laws.hpp>
#include <cloakroom/testing/storage_law_options.hpp>
#include <cloakroom/testing/storage_plain_laws.hpp>
#include <cloakroom/testing/storage_schedules.hpp>
#include <cloakroom/testing/storage_witness.hpp>

#include <type_traits>
#include <utility>

namespace cloakroom::inline v0::testing {

/// The laws of StoragePolicy: `storage_laws([] { return MyStorage{...}; });`
///
/// `make_storage()` gives a storage by value or a reference to one that lives long enough; one store serves
/// all laws. The keys are new ones and are erased afterwards, but clear_expired is called, with times from
/// tomorrow on: use a store without sessions that anybody needs, and nobody else at work in it.
///
/// Throws LawBroken with the law and the numbered steps that led to a wrong answer. No test framework is
/// needed.
template <class MakeStorage>
StorageLawReport storage_laws(MakeStorage make_storage, StorageLawOptions options = {});

template <StoragePolicy Storage>
void plain_storage_laws(Storage& storage, StorageLawOptions const& options)
{
    auto const keeps = [&](char const* law, auto const& script) {
        StorageWitness<Storage> witness{storage, options.freedom, StorageWitness<Storage>::start_time()};
        witness.tell(law, [&] {
            script(witness, options);
            witness.finish();
        });
    };
    namespace laws = plain_laws;
    keeps("payloads come back unchanged", laws::payloads_come_back_unchanged<Storage>);
    keeps("payloads keep their ends", laws::payloads_keep_their_ends<Storage>);
    keeps("keys are told apart", laws::keys_are_told_apart<Storage>);
    keeps("nothing comes of nothing", laws::nothing_comes_of_nothing<Storage>);
    keeps("a foreign version is not seen", laws::a_foreign_version_is_not_seen<Storage>);
    keeps("create never overwrites", laws::create_never_overwrites<Storage>);
    keeps("deadlines are exact", laws::deadlines_are_exact<Storage>);
    keeps("far moments are kept", laws::far_moments_are_kept<Storage>);
    keeps("commit replaces what was seen", laws::commit_replaces_what_was_seen<Storage>);
    keeps("touch moves the expiry alone", laws::touch_moves_the_expiry_alone<Storage>);
    keeps("rotate leaves one key", laws::rotate_leaves_one_key<Storage>);
    keeps("rotate never overwrites", laws::rotate_never_overwrites<Storage>);
    keeps("what is erased stays away", laws::what_is_erased_stays_away<Storage>);
    keeps("clear_expired removes the dead alone", laws::clear_expired_removes_the_dead_alone<Storage>);
    keeps("budgets bound what is removed", laws::budgets_bound_what_is_removed<Storage>);
    keeps("for_each visits the living", laws::for_each_visits_the_living<Storage>);
}

/// The way into a Backend.
template <StoragePolicy Storage>
void survives_moves(Storage& storage, StorageLawOptions const& options)
{
    StorageWitness<Storage> witness{storage, options.freedom, StorageWitness<Storage>::start_time()};
    witness.tell("a storage that is moved, by construction and back by assignment, has what it had", [&] {
        auto const until = witness.now() + plain_laws::hour;
        auto const key = witness.new_key();
        witness.create(key, {"before", until});
        Storage elsewhere{std::move(storage)};
        storage = std::move(elsewhere);
        witness.commit(key, *witness.load(key), {"after", until});
        witness.finish();
    });
}

template <class MakeStorage>
StorageLawReport storage_laws(MakeStorage make_storage, StorageLawOptions options)
{
    auto&& storage = make_storage();
    plain_storage_laws(storage, options);
    if constexpr (!std::is_reference_v<std::invoke_result_t<MakeStorage&>>)
        survives_moves(storage, options);
    return walk_schedules(storage, options);
}

} // namespace cloakroom::inline v0::testing

#endif
