// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_DICTIONARY_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_DICTIONARY_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/limits.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/concept.hpp>

#include <algorithm>
#include <cereal/details/helpers.hpp>
#include <concepts>
#include <cstddef>
#include <exception>
#include <streambuf>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0::serializer {

/// A form that one of cereal's archives gives the whole dictionary. Ready ones: PortableBinary
/// (serializer/cereal_portable_binary.hpp) and Xml (serializer/cereal_xml.hpp).
template <class Format>
concept CerealFormat = requires(Dict const& dict, std::string_view bytes, std::streambuf& out) {
    // Writes it. TypeError for what nests too deep; what cereal throws may pass through.
    { Format::write(dict, out) } -> std::same_as<void>;
    // Reads it, or says why not. What cereal throws may pass through.
    { Format::read(bytes) } -> std::same_as<Result<Dict, DecodeError>>;
    { Format::output } -> std::convertible_to<Content>;
};

/// The session in a form of cereal: `cr::serializer::Cereal<cr::serializer::PortableBinary>`. Brings back
/// everything that Json does; Django does not read it. Up to 512 levels deep and 16 MiB long
/// (core/limits.hpp); past that a TypeError when writing, a DecodeError when reading. Whatever the bytes,
/// less than 50 times their number is asked of memory, and a fixed amount; a name comes once in each
/// dictionary.
template <CerealFormat Format>
struct Cereal {
    static constexpr Content output = Format::output;

    std::string dump(Dict const& dict) const;
    Result<Dict, DecodeError> load(std::string_view bytes) const
    {
        if (bytes.size() > max_payload_size)
            return DecodeError{"more than 16 MiB", 0};
        try {
            return Format::read(bytes);
        } catch (cereal::Exception const&) {
            return DecodeError{"not what cereal has written", 0};
        }
    }
};

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

template <CerealFormat Format>
std::string Cereal<Format>::dump(Dict const& dict) const
{
    StringSink sink;
    try {
        Format::write(dict, sink);
    } catch (cereal::Exception const&) {
        sink.rethrow_failure();
        throw TypeError{"cereal cannot write the session's data"};
    }
    return sink.take();
}

} // namespace cloakroom::inline v0::serializer

#endif
