// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_FIELD_HPP
#define CLOAKROOM_SESSION_FIELD_HPP

#include <cloakroom/core/conversion.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/fixed_text.hpp>
#include <cloakroom/core/path.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/core/wtf8.hpp>
#include <cloakroom/session/field_value.hpp>
#include <cloakroom/session/item_resolver.hpp>
#include <cloakroom/session/rules.hpp>

#include <concepts>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cloakroom::inline v0 {

/// The base of all fields.
struct FieldBase {};

template <class F>
concept AnyField = std::derived_from<F, FieldBase>;

/// The type of a `field`. Holds nothing.
template <FixedText Name, class T, auto TheRule>
struct Field : FieldBase {
    using Type = T;
    static constexpr std::string_view name = Name.view();

    /// The value as T; TypeError naming the field and the way within it when it is something else.
    static T read(Value const& value) { return value.template as<T>(Where{name}); }

    /// What was given for this field, as a T. TypeError for an integer that does not fit.
    template <class Given>
    static T made_of(Given&& given)
    {
        constexpr bool is_value = FieldValue<Given, T>;
        static_assert(is_value, "cloakroom: this is no value for the type of the field");
        if constexpr (is_value)
            return to_field_value<T>(Where{name}, std::forward<Given>(given));
        else
            std::terminate(); // it has not compiled
    }

    /// What the session does where another request was faster; nullptr for last_wins.
    static constexpr ItemResolver resolver()
    {
        if constexpr (std::same_as<RuleType, rules::LastWins>)
            return nullptr;
        else
            return &resolve;
    }

private:
    using RuleType = std::remove_const_t<decltype(TheRule)>;

    static constexpr bool is_storable = Convertible<T>; // of the concept itself compilers tell a page
    static constexpr bool has_rule = rules::AnyRule<RuleType>;

    static constexpr bool check_rule()
    {
        if constexpr (has_rule)
            RuleType::template check<T>();
        return true;
    }

    static_assert(!name.empty(), "cloakroom: a field needs a name");
    static_assert(is_wtf8(name), "cloakroom: the name of a field is UTF-8");
    static_assert(std::same_as<T, std::remove_cvref_t<T>> && !std::is_pointer_v<T> &&
                      !std::same_as<T, std::string_view>,
                  "cloakroom: a field has a value of its own, such as std::string; no reference, pointer or "
                  "view");
    static_assert(is_storable,
                  "cloakroom: this type cannot be kept in a session; before the field, include "
                  "<cloakroom/serializer/cereal.hpp> for one that cereal knows, such as std::set, "
                  "adapt a struct with BOOST_HANA_ADAPT_STRUCT, or specialize "
                  "cloakroom::Conversion<T>");
    static_assert(has_rule, "cloakroom: the rule of a field is one such as cr::sum, or cr::merge<function>");
    static_assert(check_rule());

    /// Nothing for what is missing or no T.
    static std::optional<T> read_if(Value const* value)
    {
        try {
            return value != nullptr ? std::optional<T>{read(*value)} : std::nullopt;
        } catch (TypeError const&) {
            return std::nullopt;
        }
    }
    static std::optional<Value> resolve(Value const* base, Value const* theirs, Value const* ours);
};

/// An item of the session with a name and a type, to be declared once:
///
///     inline constexpr auto visit = cr::field<"visit", int>;
///     inline constexpr auto cart = cr::field<"cart", Cart, cr::merge<&Cart::join>>;
///
/// `session[visit]` and every function that takes the name of an item take it; what they give and take is a
/// T, and another type does not compile. The whole text is the name; a dot leads nowhere.
///
/// The third parameter says what becomes of the item when another request has changed it between the loading
/// and the saving of a request that set it (or, for `reject`, erased it): last_wins, sum, max, min,
/// set_union, reject or merge<function>. `base` is the value before this request's changes. The rule is
/// asked only when theirs differs from the base; else ours stands. So it does where they erased the item or
/// made it a null that is no T, and an erasure of ours stands too, but for `reject`. A base that was missing
/// or is no T counts as T{}. With `reject` save() is a ConflictError, at each attempt: open the session anew
/// to begin with what is there by then.
///
/// `+=`, update() and setdefault() need no rule: they are done again on theirs. Where one request changes the
/// same item in several ways, the rule of the last `=` or erasure counts for all; an item that is no field
/// has last_wins. Where the browser keeps the session nothing is done again, so rules do nothing.
///
/// A stored null is a value like others: only a T such as std::optional reads it, and for others it is a
/// TypeError. Where it counts as missing this is said: with rules, and with update().
template <FixedText Name, class T, auto TheRule = last_wins>
inline constexpr Field<Name, T, TheRule> field{};

template <FixedText Name, class T, auto TheRule>
std::optional<Value> Field<Name, T, TheRule>::resolve(Value const* base, Value const* theirs,
                                                      Value const* ours)
{
    if constexpr (std::same_as<RuleType, rules::Reject>)
        throw ConflictError{"another request has changed '" + std::string{name} +
                            "' meanwhile, and this field does not merge"};
    else if (theirs == nullptr || ours == nullptr || (theirs->is_null() && !read_if(theirs)))
        return ours != nullptr ? std::optional{*ours} : std::nullopt;
    else if constexpr (RuleType::template uses_base<T>)
        return Value{RuleType::apply(Where{name}, read_if(base).value_or(T{}), read(*theirs), read(*ours))};
    else
        return Value{RuleType::apply(Where{name}, read(*theirs), read(*ours))};
}

} // namespace cloakroom::inline v0

#endif
