// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_DESCRIPTOR_HPP
#define CLOAKROOM_CORE_DESCRIPTOR_HPP

#include <unistd.h>
#include <utility>

namespace cloakroom::inline v0 {

/// An open file, closed at the end.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept
    {
        Descriptor old{std::exchange(number_, std::exchange(other.number_, -1))};
        return *this;
    }
    ~Descriptor()
    {
        if (number_ >= 0)
            ::close(number_);
    }

    int get() const noexcept { return number_; }
    int release() noexcept { return std::exchange(number_, -1); }
    explicit operator bool() const noexcept { return number_ >= 0; }

private:
    int number_ = -1;
};

} // namespace cloakroom::inline v0

#endif
