// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_RESULT_HPP
#define CLOAKROOM_CORE_RESULT_HPP

#include <utility>
#include <variant>

namespace cloakroom::inline v0 {

/// A value, or the reason why there is none. For what is an ordinary answer and not an exception:
/// a bad signature, an undecodable payload. (std::expected comes with C++23.)
/// `T` and `Reason` are different types; a Result is made from either.
template <class T, class Reason>
class [[nodiscard]] Result {
public:
    Result(T&& value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(T const& value) : state_(std::in_place_index<0>, value) {}
    Result(Reason reason) : state_(std::in_place_index<1>, std::move(reason)) {}

    bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    /// Precondition of the four: has_value(). They throw std::bad_variant_access otherwise.
    T& operator*() & { return std::get<0>(state_); }
    T const& operator*() const& { return std::get<0>(state_); }
    T&& operator*() && { return std::get<0>(std::move(state_)); }
    T* operator->() { return &std::get<0>(state_); }
    T const* operator->() const { return &std::get<0>(state_); }

    /// Precondition: !has_value().
    Reason const& reason() const { return std::get<1>(state_); }

private:
    std::variant<T, Reason> state_;
};

} // namespace cloakroom::inline v0

#endif
