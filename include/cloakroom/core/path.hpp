// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_PATH_HPP
#define CLOAKROOM_CORE_PATH_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace cloakroom::inline v0 {

/// Where in a session a value stands, for error texts. A chain on the stack that costs nothing until it is
/// printed; it refers to its parent and its key, which outlive it.
class Where {
public:
    constexpr Where() = default;
    constexpr Where(std::string_view key) : key_{key}, step_{Step::key} {}
    constexpr Where(Where const& parent, std::string_view key) : parent_{&parent}, key_{key}, step_{Step::key}
    {
    }
    constexpr Where(Where const& parent, std::size_t index)
        : parent_{&parent}, index_{index}, step_{Step::index}
    {
    }

    /// "cart[2].price", or nothing at the root.
    std::string text() const
    {
        auto before = parent_ != nullptr ? parent_->text() : std::string{};
        if (step_ == Step::index)
            return before + "[" + std::to_string(index_) + "]";
        if (step_ == Step::key && !before.empty())
            before += '.';
        return before + std::string{key_};
    }

    /// The text with a colon behind it, or nothing at the root.
    std::string prefix() const
    {
        auto path = text();
        return path.empty() ? path : path + ": ";
    }

private:
    enum class Step { root, key, index };

    Where const* parent_ = nullptr;
    std::string_view key_;
    std::size_t index_ = 0;
    Step step_ = Step::root;
};

} // namespace cloakroom::inline v0

#endif
