// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_SESSION_HPP
#define CLOAKROOM_SESSION_SESSION_HPP

#include <cloakroom/core/conversion.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/session/expiry.hpp>
#include <cloakroom/session/field.hpp>
#include <cloakroom/session/field_item.hpp>
#include <cloakroom/session/item.hpp>
#include <cloakroom/session/member_changes.hpp>
#include <cloakroom/session/record_driver.hpp>
#include <cloakroom/session/ticket_driver.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cloakroom::inline v0 {

/// Who loads and saves a session: RecordDriver where the server keeps the record, TicketDriver where the
/// browser keeps the session itself.
template <class Storage, class Serializer, class Signer>
struct DriverOf {
    using Type = RecordDriver<Storage, Serializer, Signer>;
};
template <ClientSidePolicy Storage, SerializerPolicy Serializer, SignerPolicy Signer>
struct DriverOf<Storage, Serializer, Signer> {
    using Type = TicketDriver<Storage, Serializer, Signer>;
};

/// One visitor's session within one request: Django's SessionBase, with the storage, the serialized form and
/// the signature chosen at compile time.
///
/// Opening it touches nothing; the data are loaded at the first access. Nothing is saved but by save() and
/// the functions that say so; the destructor never does. Move-only; a moved-from session may only be
/// destroyed or assigned. Used by one thread at a time. The backend outlives it.
template <SessionStorage Storage, SerializerPolicy Serializer, SignerPolicy Signer>
class Session : public DriverOf<Storage, Serializer, Signer>::Type {
    using Driver = typename DriverOf<Storage, Serializer, Signer>::Type;

public:
    using Backend = typename Driver::Backend;

    /// A new visitor's session.
    explicit Session(Backend& backend) : Driver{backend, std::nullopt} {}
    /// A returning visitor's, with what the cookie said; a text of fewer than 8 characters is no key (S-003).
    Session(Backend& backend, std::string_view received_key)
        : Driver{backend, SessionKey::parse(received_key)}
    {
    }
    Session(Backend& backend, std::optional<SessionKey> key) : Driver{backend, std::move(key)} {}
    template <class... Policies, class... Key>
    requires(!std::same_as<cloakroom::Backend<Policies...>, Backend>)
    Session(cloakroom::Backend<Policies...>& backend_of_another_type_of_session, Key&&...) = delete;

    /// Whether there is anything to this session (S-009).
    explicit operator bool() const noexcept { return !this->is_empty(); }

    // ---- items: S-020 to S-033 ----

    /// A place in the session, to read, set or change.
    Item<Session> operator[](std::string_view key) { return {*this, key}; }
    template <std::integral Number>
    Item<Session> operator[](Number items_have_names_no_numbers) = delete;
    Item<Session> operator[](std::nullptr_t) = delete;

    /// The value of an item; KeyError when it is missing (S-021). Valid until the session changes or is
    /// saved.
    Value const& at(std::string_view key)
    {
        if (auto const* const value = this->document().find(key))
            return *value;
        missing_item(key);
    }

    /// The value of an item as T, or nothing when it is missing (S-022).
    template <class T = Value>
    std::optional<T> get(std::string_view key)
    {
        auto const* const value = this->document().find(key);
        return value != nullptr ? std::optional<T>{value->template as<T>(Where{key})} : std::nullopt;
    }
    /// The value of an item as the type of the default, which a missing item gives. Texts are std::string.
    template <class T>
    Owned<T> get(std::string_view key, T default_value)
    {
        auto value = get<Owned<T>>(key);
        return value ? *std::move(value) : Owned<T>(std::move(default_value));
    }

    bool contains(std::string_view key) { return this->document().find(key) != nullptr; }
    bool has_key(std::string_view key) { return contains(key); }

    /// Removes an item: whether it was there (S-024).
    bool erase(std::string_view key) { return this->document().erase(ItemPath{key}); }

    /// Removes an item and returns it; KeyError when it is missing (S-025).
    Value pop(std::string_view key)
    {
        auto value = at(key);
        erase(key);
        return value;
    }
    /// Removes an item and returns it as the type of the default, which a missing item gives (S-026).
    template <class T>
    Owned<T> pop(std::string_view key, T default_value)
    {
        auto value = get(key, std::move(default_value));
        erase(key);
        return value;
    }

    /// The item; a missing one is set to the default first (S-027). If another request set it meanwhile,
    /// theirs stays. Valid until the session changes or is saved.
    template <class T>
    Value const& setdefault(std::string_view key, T&& default_value)
    {
        return this->document().set_default(ItemPath{key}, to_item_value(std::forward<T>(default_value)));
    }

    /// Sets all these items (S-028).
    void update(Dict items) { this->document().update(std::move(items)); }

    /// Sets an item to what `function` makes of its value, null when it is missing. The function is called
    /// again on the newest value if another request was faster, so it must be repeatable.
    template <class Function>
    void update(std::string_view key, Function function)
    {
        constexpr bool is_update = requires(Value value) {
            { std::invoke(function, std::move(value)) } -> std::convertible_to<Value>;
        };
        static_assert(is_update, "cloakroom: session.update(key, function) wants a function that takes the "
                                 "value and gives the new one: Value(Value)");
        if constexpr (is_update)
            this->document().update(ItemPath{key}, [function = std::move(function)](Value& value) mutable {
                value = Value{std::invoke(function, std::move(value))};
            });
    }

    // ---- fields: items whose type and rule are known, see `field` ----

    template <AnyField F>
    FieldItem<Session, F> operator[](F)
    {
        return FieldItem<Session, F>{*this};
    }
    /// The value; KeyError when it is missing, TypeError when it is something else.
    template <AnyField F>
    typename F::Type at(F field)
    {
        return (*this)[field].value();
    }
    /// The value, or nothing when it is missing.
    template <AnyField F>
    std::optional<typename F::Type> get(F field)
    {
        return (*this)[field].get();
    }
    /// The value, or the default when it is missing.
    template <AnyField F, class Default = typename F::Type>
    typename F::Type get(F field, Default&& default_value)
    {
        auto value = get(field);
        return value ? *std::move(value) : F::made_of(std::forward<Default>(default_value));
    }
    template <class T, AnyField F, class... Default>
    auto get(F field, Default&&... default_value)
    {
        static_assert(!AnyField<F>, "cloakroom: a field has its type already: session.get(field)");
        return get(field, std::forward<Default>(default_value)...);
    }
    template <AnyField F>
    bool contains(F field)
    {
        return (*this)[field].exists();
    }
    template <AnyField F>
    bool has_key(F field)
    {
        return contains(field);
    }
    /// Removes it: whether it was there.
    template <AnyField F>
    bool erase(F field)
    {
        return (*this)[field].erase();
    }
    /// Removes it and returns it; KeyError when it is missing.
    template <AnyField F>
    typename F::Type pop(F field)
    {
        auto value = at(field);
        erase(field);
        return value;
    }
    /// Removes it and returns it, or the default when it is missing.
    template <AnyField F, class Default = typename F::Type>
    typename F::Type pop(F field, Default&& default_value)
    {
        auto value = get(field, std::forward<Default>(default_value));
        erase(field);
        return value;
    }
    /// The value; a missing one is set to the default first. If another request set it meanwhile, theirs
    /// stays.
    template <AnyField F, class Default = typename F::Type>
    typename F::Type setdefault(F, Default&& default_value)
    {
        return F::read(this->document().set_default(ItemPath{F::name},
                                                    Value{F::made_of(std::forward<Default>(default_value))}));
    }
    /// Sets the item to what `function` makes of its value, T{} when it is missing or null: T(T). Called
    /// again on the newest value if another request was faster, so it must be repeatable.
    template <AnyField F, class Function>
    void update(F, Function function)
    {
        using T = typename F::Type;
        constexpr bool is_update = std::default_initializable<T> && requires(T value) {
            { std::invoke(function, std::move(value)) } -> FieldValue<T>;
        };
        static_assert(is_update,
                      "cloakroom: an update function of a field takes its value and gives the new one: T(T)");
        if constexpr (is_update)
            this->document().update(
                ItemPath{F::name}, [function = std::move(function)](Value& value) mutable {
                    value = Value{F::made_of(std::invoke(function, value.is_null() ? T{} : F::read(value)))};
                });
    }

    /// All items in the order of insertion (S-029). Valid until the session changes or is saved.
    Dict const& items() { return this->document().access(); }
    Dict::const_iterator begin() { return items().begin(); }
    Dict::const_iterator end() { return items().end(); }
    std::vector<std::string> keys()
    {
        std::vector<std::string> keys;
        for (auto const& [key, value] : items())
            keys.push_back(key);
        return keys;
    }
    std::vector<Value> values()
    {
        std::vector<Value> values;
        for (auto const& [key, value] : items())
            values.push_back(value);
        return values;
    }

    /// Empties the session, which keeps its key (S-030). Loads nothing (S-031).
    void clear() { this->unloaded_document().clear(); }

    // ---- a struct as a view of the items: serializer/struct.hpp ----

    /// The items that are T's members by name. A missing item leaves the member as T's default constructor
    /// has it; other items are not read. TypeError naming the path when one is something else. Views in T
    /// are valid until the session changes.
    template <class T>
    T as()
    {
        if constexpr (is_structured<T>()) {
            auto& document = this->document();
            return read_members<T>([&](std::string_view key) { return document.find(key); }, Where{});
        }
    }

    /// Sets the items that are T's members, those alone that read as something else now: as() gives `object`
    /// afterwards. Structs within are compared by their members too, so that requests which assign different
    /// members at the same time both keep theirs, and what T does not know stays; another member that
    /// differs, such as a vector, is set as a whole. A missing item stays missing while its member has T's
    /// default.
    template <class T>
    void assign(T const& object)
    {
        if constexpr (is_structured<T>()) {
            auto& document = this->document();
            MemberChanges{object, [&](std::string_view key) { return document.find(key); }}.apply_to(
                document);
        }
    }

    // ---- test cookie: S-040 ----

    void set_test_cookie() { (*this)["testcookie"] = "worked"; }
    bool test_cookie_worked() { return get("testcookie") == Value{"worked"}; }
    /// KeyError when it is not there.
    void delete_test_cookie() { pop("testcookie"); }

    // ---- expiry: S-070 to S-088 ----

    /// Takes browser_close, a duration (counted anew from each save), a moment, or global_policy. A duration
    /// of nothing ends the session now; Django's number 0 means browser_close.
    void set_expiry(Expiry const& given)
    {
        auto const expiry = given == Expiry{Duration::zero()} ? Expiry{this->backend().now()} : given;
        if (auto item = expiry.to_value(); !item.is_null())
            (*this)[Expiry::item_name] = std::move(item);
        else
            erase(Expiry::item_name);
    }
    template <class Number>
    requires std::is_arithmetic_v<Number>
    void set_expiry(Number)
    {
        static_assert(
            !std::is_arithmetic_v<Number>,
            "cloakroom: a bare number is no expiry; write set_expiry(cr::browser_close) for Django's "
            "set_expiry(0), or a duration such as set_expiry(std::chrono::seconds{300})");
    }

    /// Inputs of get_expiry_age() and get_expiry_date(). An expiry given here stands in for the stored one;
    /// nothing is loaded then (S-082).
    struct ExpiryArguments {
        std::optional<TimePoint> modification{}; ///< absent: now
        std::optional<Expiry> expiry{};          ///< absent: what is stored
    };
    /// How long the session lives from `modification` on (S-081). ValueError for a stored text that is no
    /// moment, TypeError for a stored array or object.
    Duration get_expiry_age(ExpiryArguments const& arguments = {})
    {
        auto const stored = arguments.expiry ? Value{} : stored_expiry();
        auto const expiry = arguments.expiry      ? *arguments.expiry
                            : stored == Value{""} ? Expiry{} // false in Python, so it counts as none
                                                  : Expiry::from_value(stored);
        return expiry.age(modification(arguments), get_session_cookie_age());
    }
    /// The moment of its end (S-083). Throws as get_expiry_age; for an empty text too (S-084).
    TimePoint get_expiry_date(ExpiryArguments const& arguments = {})
    {
        auto const expiry = arguments.expiry ? *arguments.expiry : Expiry::from_value(stored_expiry());
        return expiry.date(modification(arguments), get_session_cookie_age());
    }
    /// Whether the cookie ends with the browser (S-086).
    bool get_expire_at_browser_close()
    {
        auto const stored = stored_expiry();
        return stored.is_null() ? this->backend().settings().expire_at_browser_close
                                : stored == Value{0} || stored == Value{0.0} || stored == Value{false};
    }
    Duration get_session_cookie_age() const { return this->backend().settings().cookie_age; }

    /// Removes the expired records of the store and returns how many (S-129).
    static std::size_t clear_expired(Backend& backend) { return backend.clear_expired(); }

private:
    template <class T>
    static constexpr bool is_structured()
    {
        constexpr auto is_known = Structured<T>; // of the concept itself g++ tells a page
        static_assert(
            is_known,
            "cloakroom: as and assign want a struct whose members are known; adapt it with "
            "BOOST_HANA_DEFINE_STRUCT or BOOST_HANA_ADAPT_STRUCT of <cloakroom/serializer/struct.hpp>");
        return is_known;
    }
    Value stored_expiry() { return get(Expiry::item_name).value_or(Value{}); }
    TimePoint modification(ExpiryArguments const& arguments) const
    {
        return arguments.modification ? *arguments.modification : this->backend().now();
    }
};

} // namespace cloakroom::inline v0

#endif
