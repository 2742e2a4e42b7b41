// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>

#include <memory>
#include <string>
#include <utility>

namespace {

namespace cr = cloakroom;

/// A storage that says of the first keys that they are taken.
class Crowded : public cr::storage::Memory {
public:
    explicit Crowded(int taken) : taken_(taken) {}

    bool create(cr::SessionKey const& key, cr::Record const& record, cr::TimePoint now)
    {
        ++*asked_;
        return *asked_ > taken_ && Memory::create(key, record, now);
    }
    std::shared_ptr<int> asked() const { return asked_; }

private:
    int taken_;
    std::shared_ptr<int> asked_ = std::make_shared<int>(0);
};

using Session = cr::Session<Crowded, cr::serializer::Json, cr::signer::Unsigned>;

} // namespace

TEST_CASE("a key that is taken is drawn again (S-101)")
{
    Crowded storage{3};
    auto const asked = storage.asked();
    Session::Backend backend{std::move(storage)};
    Session session{backend};
    session["a"] = 1;
    session.save();
    CHECK(*asked == 4);
    CHECK(Session{backend, std::string{session.session_key()->reveal()}}.get<int>("a") == 1);
}

TEST_CASE("after 10,000 keys that are taken there is an error, and no session (S-143, S-806)")
{
    Crowded storage{1'000'000};
    auto const asked = storage.asked();
    Session::Backend backend{std::move(storage)};
    Session session{backend};
    session["a"] = 1;
    CHECK_THROWS_AS(session.save(), cr::StorageError);
    CHECK(*asked == 10'000);
    CHECK_FALSE(session.session_key().has_value());
}
