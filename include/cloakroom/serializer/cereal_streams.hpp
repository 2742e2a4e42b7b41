// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_STREAMS_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_STREAMS_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/limits.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <streambuf>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0::serializer::cereal_detail {

/// What cereal's streams write to: a string that takes max_payload_size bytes. Streams keep silent about
/// exceptions, so it remembers the one that kept it from taking more.
class StringSink : public std::streambuf {
public:
    /// What was written, once; throws what kept it from being all.
    std::string take()
    {
        rethrow_failure();
        text_.resize(size());
        setp(nullptr, nullptr);
        return std::move(text_);
    }
    void rethrow_failure() const
    {
        if (failure_)
            std::rethrow_exception(failure_);
    }

protected:
    int_type overflow(int_type c) override
    {
        if (failure_)
            return traits_type::eof();
        try {
            grow();
        } catch (...) {
            failure_ = std::current_exception();
            return traits_type::eof();
        }
        return traits_type::eq_int_type(c, traits_type::eof()) ? traits_type::not_eof(c)
                                                               : sputc(traits_type::to_char_type(c));
    }

private:
    std::size_t size() const noexcept { return static_cast<std::size_t>(pptr() - pbase()); }
    /// Makes room for at least one byte more.
    void grow()
    {
        auto const size = this->size();
        if (size == max_payload_size)
            throw TypeError{"the session's data take more than 16 MiB"};
        text_.resize(std::clamp(2 * size, std::size_t{1024}, max_payload_size));
        setp(text_.data(), text_.data() + text_.size());
        pbump(static_cast<int>(size));
    }

    std::string text_; // all of it is room to write to
    std::exception_ptr failure_;
};

/// What cereal's streams read from, without a copy.
class StringSource : public std::streambuf {
public:
    explicit StringSource(std::string_view text)
    {
        auto* const begin = const_cast<char*>(text.data()); // nothing is put back
        setg(begin, begin, begin + text.size());
    }
    std::size_t remaining() const noexcept { return static_cast<std::size_t>(egptr() - gptr()); }
    std::size_t offset() const noexcept { return static_cast<std::size_t>(gptr() - eback()); }
};

} // namespace cloakroom::inline v0::serializer::cereal_detail

#endif
