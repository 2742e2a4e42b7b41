// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_FIELD_ITEM_HPP
#define CLOAKROOM_SESSION_FIELD_ITEM_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/session/addition.hpp>
#include <cloakroom/session/field.hpp>
#include <cloakroom/session/field_value.hpp>
#include <cloakroom/session/item.hpp>
#include <cloakroom/session/item_path.hpp>
#include <cloakroom/session/item_resolver.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace cloakroom::inline v0 {

/// What `session[visit]` is for a field: a place in the session that holds a T or nothing. Making one reads
/// nothing; each operation loads the session when it must. It cannot be copied and converts to nothing by
/// itself; assigning one to another assigns the value. Lives no longer than the session.
template <class Session, AnyField TheField>
class FieldItem : public ItemBase {
public:
    using Type = typename TheField::Type;

    explicit FieldItem(Session& session) : session_{&session} {}
    FieldItem(FieldItem const&) = delete;
    ~FieldItem() = default;

    /// Sets the value. TypeError for an integer that does not fit the field's type.
    template <class Given>
    FieldItem& operator=(Given&& given)
    {
        if constexpr (std::derived_from<std::remove_cvref_t<Given>, ItemBase>)
            return set(TheField::made_of(given.value()));
        else
            return set(TheField::made_of(std::forward<Given>(given)));
    }
    FieldItem& operator=(Type const& value) { return set(value); }
    FieldItem& operator=(FieldItem const& other) { return set(other.value()); }

    /// The value. KeyError when it is missing, TypeError naming the path when it is something else.
    Type value() const
    {
        if (auto const* const value = found())
            return TheField::read(*value);
        missing_item(TheField::name);
    }
    Type as() const { return value(); }

    /// The value, or nothing when it is missing.
    std::optional<Type> get() const
    {
        auto const* const value = found();
        return value != nullptr ? std::optional<Type>{TheField::read(*value)} : std::nullopt;
    }

    bool exists() const { return found() != nullptr; }

    /// Removes it: whether it was there.
    bool erase() { return session_->document().erase(path(), TheField::resolver()); }

    /// Adds a number, or appends a text or a vector. Counts from nothing where the item is missing. Two
    /// requests that add at the same time both count, whatever the field's rule. TypeError where the stored
    /// value is something else, and where a number would leave the field's type; save() throws it too, with
    /// nothing written, if that is so on the newest value.
    template <class Operand>
    FieldItem& operator+=(Operand&& operand)
    {
        static_assert(is_addable, "cloakroom: += is for fields of numbers, std::string and std::vector; "
                                  "session.update(field, function) changes any");
        if constexpr (is_number)
            add(number(operand));
        else if constexpr (is_addable)
            add(Value{TheField::made_of(std::forward<Operand>(operand))});
        return *this;
    }
    FieldItem& operator+=(Type const& operand) { return operator+= <Type const&>(operand); }
    template <class Operand>
    FieldItem& operator-=(Operand const& operand)
    {
        static_assert(is_number, "cloakroom: -= is for fields of numbers");
        if constexpr (is_number) {
            auto opposite = negated(number(operand));
            if (!opposite)
                throw TypeError{std::string{TheField::name} + ": a number that large cannot be subtracted"};
            add(*std::move(opposite));
        }
        return *this;
    }
    FieldItem& operator++() { return *this += 1; }
    FieldItem& operator--() { return *this -= 1; }

    friend bool operator==(FieldItem const& item, Type const& value) { return item.value() == value; }

private:
    static constexpr bool is_number = std::is_arithmetic_v<Type> && !std::same_as<Type, bool>;
    static constexpr bool is_vector =
        requires { requires std::same_as<Type, std::vector<typename Type::value_type>>; };
    static constexpr bool is_addable =
        is_number || std::same_as<Type, std::string> || is_vector || std::same_as<Type, Value>;

    static ItemPath path() { return ItemPath{TheField::name}; }
    Value const* found() const { return session_->document().find(TheField::name); }

    FieldItem& set(Type value) // NOLINT(performance-unnecessary-value-param): moved where that helps
    {
        session_->document().set(path(), Value{std::move(value)}, TheField::resolver());
        return *this;
    }

    /// A summand, which need not fit the field: the sum has to.
    template <class Operand>
    static Value number(Operand const& operand)
    {
        constexpr bool is_value = FieldValue<Operand, Type>;
        static_assert(is_value, "cloakroom: this is no value for the type of the field");
        if constexpr (!is_value)
            return {};
        else if constexpr (std::floating_point<Type>)
            return Value{static_cast<Type>(operand)};
        else
            return Value{operand};
    }
    static void check_type(Value const& stored) { TheField::read(stored); }
    void add(Value operand)
    {
        ItemCheck check = nullptr;
        if constexpr (is_number || (is_vector && !std::same_as<Type, Array>))
            check = &check_type;
        session_->document().add(path(), std::move(operand), check);
    }

    Session* session_;
};

} // namespace cloakroom::inline v0

#endif
