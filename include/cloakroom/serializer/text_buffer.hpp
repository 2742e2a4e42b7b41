// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_TEXT_BUFFER_HPP
#define CLOAKROOM_SERIALIZER_TEXT_BUFFER_HPP

#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0::serializer {

/// A text that grows piece by piece. The first kilobyte is collected on the stack, so that a small text is
/// allocated once, in its final size, and a character costs a store.
class TextBuffer {
public:
    void append(char c)
    {
        if (used_ == chunk_.size())
            spill();
        chunk_[used_++] = c;
    }
    void append(std::string_view text)
    {
        if (text.size() > chunk_.size() - used_) {
            spill();
            if (text.size() > chunk_.size()) {
                text_ += text;
                return;
            }
        }
        std::memcpy(chunk_.data() + used_, text.data(), text.size());
        used_ += text.size();
    }

    std::size_t size() const noexcept { return text_.size() + used_; }

    /// The whole text. The buffer is empty afterwards.
    std::string take()
    {
        if (text_.empty())
            return {chunk_.data(), std::exchange(used_, 0)};
        spill();
        return std::exchange(text_, {});
    }

private:
    void spill()
    {
        text_.append(chunk_.data(), used_);
        used_ = 0;
    }

    std::string text_; // what the chunk had no room for, and is before it
    std::size_t used_ = 0;
    std::array<char, 1024> chunk_;
};

} // namespace cloakroom::inline v0::serializer

#endif
