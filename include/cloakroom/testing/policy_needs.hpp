// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_POLICY_NEEDS_HPP
#define CLOAKROOM_TESTING_POLICY_NEEDS_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/known.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/result.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/concept.hpp>
#include <cloakroom/signer/concept.hpp>
#include <cloakroom/storage/concept.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// The requirements of the policies' concepts one by one. A concept answers yes or no, and its compiler stops
/// where it likes; from these, explain() tells each of them.
///
/// A need says what is `wanted`, has `Given<S>`, the type of its expression for an S as the concept has it,
/// an lvalue and const or not, and `fits<G>`, whether that type is right. Where the concept wants a constant,
/// `Constant<S>` is a type if it is one. `Found<T>` is the type of what T has under that name, whatever it
/// is; `Namesake` has something under the same name.
namespace cloakroom::inline v0::testing::needs {

/// What the expressions of the concepts are made of. Never defined: nothing but types is looked at.
struct Arguments {
    static constexpr bool is_constant = false;
    static SessionKey const& key;
    static SessionKey const& fresh;
    static Stored const& seen;
    static Record const& record;
    static TimePoint expires;
    static TimePoint now;
    static std::size_t budget;
    static std::string_view text;
    static Dict const& dict;
    static std::optional<Duration> max_age;
};

/// A function that gives exactly this.
template <class Answer>
struct Gives : Arguments {
    template <class G>
    static constexpr bool fits = std::same_as<G, Answer>;
};

/// A constant of about this type.
template <class Type>
struct Is {
    static constexpr bool is_constant = true;
    template <class G>
    static constexpr bool fits = std::convertible_to<G, Type>;
};

struct Movable {
    static constexpr bool is_constant = false;
    static constexpr std::string_view wanted = "a move constructor and move assignment; keep what cannot "
                                               "move, such as a mutex, in a std::unique_ptr";
    template <class S>
    using Given = std::remove_cvref_t<S>;
    template <class G>
    static constexpr bool fits = std::movable<G>;
    template <class T>
    using Found = T;
};

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

struct Dump : Gives<std::string> {
    static constexpr std::string_view wanted = "std::string dump(Dict const& dict) const";
    template <class S>
    using Given = decltype(std::declval<S>().dump(dict));
    template <class T>
    using Found = decltype(&T::dump);
    struct Namesake {
        int dump;
    };
};

struct LoadDict : Gives<Result<Dict, DecodeError>> {
    static constexpr std::string_view wanted = "Result<Dict, DecodeError> load(std::string_view bytes) const";
    template <class S>
    using Given = decltype(std::declval<S>().load(text));
    template <class T>
    using Found = decltype(&T::load);
    struct Namesake {
        int load;
    };
};

struct Output : Is<Content> {
    static constexpr std::string_view wanted = "static constexpr Content output";
    template <class S>
    using Given = decltype((std::remove_cvref_t<S>::output));
    template <class S>
    using Constant = std::bool_constant<cloakroom::detail::is_known(*&std::remove_cvref_t<S>::output)>;
    template <class T>
    using Found = decltype(&T::output);
    struct Namesake {
        int output;
    };
};

struct Bind : Arguments {
    static constexpr std::string_view wanted = "Bound bind(std::string_view purpose) const";
    template <class S>
    using Given = decltype(std::declval<S>().bind(text));
    template <class G>
    static constexpr bool fits = cloakroom::BoundSigner<G>;
    template <class T>
    using Found = decltype(&T::bind);
    struct Namesake {
        int bind;
    };
};

struct Sign : Gives<std::string> {
    static constexpr std::string_view wanted =
        "std::string sign(std::string_view payload, TimePoint now) const";
    template <class S>
    using Given = decltype(std::declval<S>().sign(text, now));
    template <class T>
    using Found = decltype(&T::sign);
    struct Namesake {
        int sign;
    };
};

struct Unsign : Gives<Result<std::string, Rejection>> {
    static constexpr std::string_view wanted = "Result<std::string, Rejection> unsign(std::string_view text, "
                                               "TimePoint now, std::optional<Duration> max_age) const";
    template <class S>
    using Given = decltype(std::declval<S>().unsign(text, now, max_age));
    template <class T>
    using Found = decltype(&T::unsign);
    struct Namesake {
        int unsign;
    };
};

template <class... Needs>
struct List {};

using Storage = List<Movable, Load, Create, Commit, Touch, Rotate, Erase, ClearExpired, Purpose, Accepts>;
using ClientSideStorage = List<Movable, Seal, Open, MaxCookieSize, Purpose, Accepts>;
using Serializer = List<Dump, LoadDict, Output>;
using Signer = List<Bind, Output>;
using BoundSigner = List<Sign, Unsign>;

} // namespace cloakroom::inline v0::testing::needs

#endif
