// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_STORAGE_NEEDS_HPP
#define CLOAKROOM_TESTING_STORAGE_NEEDS_HPP

#include <cloakroom/core/known.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/testing/policy_needs.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// What StoragePolicy and ClientSidePolicy require.
namespace cloakroom::inline v0::testing::needs {

struct Purpose : Is<std::string_view> {
    static constexpr std::string_view wanted = "static constexpr std::string_view purpose";
    template <class S>
    using Given = decltype((std::remove_cvref_t<S>::purpose));
    template <class S>
    using Constant = std::bool_constant<cloakroom::detail::is_known(*&std::remove_cvref_t<S>::purpose)>;
    template <class T>
    using Found = decltype(&T::purpose);
    struct Namesake {
        int purpose;
    };
};

struct Accepts : Is<Content> {
    static constexpr std::string_view wanted = "static constexpr Content accepts";
    template <class S>
    using Given = decltype((std::remove_cvref_t<S>::accepts));
    template <class S>
    using Constant = std::bool_constant<cloakroom::detail::is_known(*&std::remove_cvref_t<S>::accepts)>;
    template <class T>
    using Found = decltype(&T::accepts);
    struct Namesake {
        int accepts;
    };
};

struct Load : Gives<std::optional<Stored>> {
    static constexpr std::string_view wanted =
        "std::optional<Stored> load(SessionKey const& key, TimePoint now)";
    template <class S>
    using Given = decltype(std::declval<S>().load(key, now));
    template <class T>
    using Found = decltype(&T::load);
    struct Namesake {
        int load;
    };
};

struct Create : Gives<bool> {
    static constexpr std::string_view wanted =
        "bool create(SessionKey const& key, Record const& record, TimePoint now)";
    template <class S>
    using Given = decltype(std::declval<S>().create(key, record, now));
    template <class T>
    using Found = decltype(&T::create);
    struct Namesake {
        int create;
    };
};

struct Commit : Gives<WriteResult> {
    static constexpr std::string_view wanted =
        "WriteResult commit(SessionKey const& key, Stored const& seen, Record const& record, TimePoint now)";
    template <class S>
    using Given = decltype(std::declval<S>().commit(key, seen, record, now));
    template <class T>
    using Found = decltype(&T::commit);
    struct Namesake {
        int commit;
    };
};

struct Touch : Gives<WriteResult> {
    static constexpr std::string_view wanted =
        "WriteResult touch(SessionKey const& key, Stored const& seen, TimePoint expires, TimePoint now)";
    template <class S>
    using Given = decltype(std::declval<S>().touch(key, seen, expires, now));
    template <class T>
    using Found = decltype(&T::touch);
    struct Namesake {
        int touch;
    };
};

struct Rotate : Gives<WriteResult> {
    static constexpr std::string_view wanted =
        "WriteResult rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh, Record "
        "const& record, TimePoint now)";
    template <class S>
    using Given = decltype(std::declval<S>().rotate(key, seen, fresh, record, now));
    template <class T>
    using Found = decltype(&T::rotate);
    struct Namesake {
        int rotate;
    };
};

struct Erase : Gives<bool> {
    static constexpr std::string_view wanted = "bool erase(SessionKey const& key)";
    template <class S>
    using Given = decltype(std::declval<S>().erase(key));
    template <class T>
    using Found = decltype(&T::erase);
    struct Namesake {
        int erase;
    };
};

struct ClearExpired : Gives<std::size_t> {
    static constexpr std::string_view wanted = "std::size_t clear_expired(TimePoint now, std::size_t budget)";
    template <class S>
    using Given = decltype(std::declval<S>().clear_expired(now, budget));
    template <class T>
    using Found = decltype(&T::clear_expired);
    struct Namesake {
        int clear_expired;
    };
};

struct Seal : Gives<std::string> {
    static constexpr std::string_view wanted = "std::string seal(Record record) const";
    template <class S>
    using Given = decltype(std::declval<S>().seal(std::declval<Record>()));
    template <class T>
    using Found = decltype(&T::seal);
    struct Namesake {
        int seal;
    };
};

struct Open : Gives<std::optional<Record>> {
    static constexpr std::string_view wanted = "std::optional<Record> open(std::string_view ticket) const";
    template <class S>
    using Given = decltype(std::declval<S>().open(text));
    template <class T>
    using Found = decltype(&T::open);
    struct Namesake {
        int open;
    };
};

struct MaxCookieSize : Is<std::size_t> {
    static constexpr std::string_view wanted = "static constexpr std::size_t max_cookie_size";
    template <class S>
    using Given = decltype((std::remove_cvref_t<S>::max_cookie_size));
    template <class S>
    using Constant =
        std::bool_constant<cloakroom::detail::is_known(*&std::remove_cvref_t<S>::max_cookie_size)>;
    template <class T>
    using Found = decltype(&T::max_cookie_size);
    struct Namesake {
        int max_cookie_size;
    };
};

using Storage = List<Movable, Load, Create, Commit, Touch, Rotate, Erase, ClearExpired, Purpose, Accepts>;
using ClientSideStorage = List<Movable, Seal, Open, MaxCookieSize, Purpose, Accepts>;

} // namespace cloakroom::inline v0::testing::needs

#endif
