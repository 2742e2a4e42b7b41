// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_DICTIONARY_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_DICTIONARY_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/limits.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/concept.hpp>

#include <cereal/details/helpers.hpp>
#include <concepts>
#include <cstddef>
#include <ios>
#include <streambuf>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0::serializer {

/// A form that one of cereal's archives gives the whole dictionary. Ready ones: PortableBinary
/// (serializer/cereal_portable_binary.hpp) and Xml (serializer/cereal_xml.hpp).
template <class Format>
concept CerealFormat = requires(Dict const& dict, std::string_view bytes, std::streambuf& out) {
    // Writes it. TypeError for what nests too deep; what cereal throws when `out` is full may pass through.
    { Format::write(dict, out) } -> std::same_as<void>;
    // Reads it, or says why not. What cereal throws may pass through.
    { Format::read(bytes) } -> std::same_as<Result<Dict, DecodeError>>;
    { Format::output } -> std::convertible_to<Content>;
};

/// The session in a form of cereal: `cr::serializer::Cereal<cr::serializer::PortableBinary>`. Brings back
/// everything that Json does; Django does not read it. Up to 512 levels deep and 16 MiB long
/// (core/limits.hpp); past that a TypeError when writing, a DecodeError when reading. Whatever the bytes, no
/// more memory is asked for than a small multiple of their number, and a name comes once in each dictionary.
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

/// What cereal's streams write to: a string that takes max_payload_size bytes.
class StringSink : public std::streambuf {
public:
    bool is_full() const noexcept { return is_full_; }
    std::string take() { return std::exchange(text_, {}); }

protected:
    std::streamsize xsputn(char const* text, std::streamsize size) override
    {
        is_full_ = is_full_ || static_cast<std::size_t>(size) > max_payload_size - text_.size();
        if (is_full_)
            return 0;
        text_.append(text, static_cast<std::size_t>(size));
        return size;
    }
    int_type overflow(int_type c) override
    {
        auto const byte = traits_type::to_char_type(c);
        return xsputn(&byte, 1) == 1 ? c : traits_type::eof();
    }

private:
    std::string text_;
    bool is_full_ = false;
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
        if (!sink.is_full())
            throw;
    }
    if (sink.is_full())
        throw TypeError{"the session's data take more than 16 MiB"};
    return sink.take();
}

} // namespace cloakroom::inline v0::serializer

#endif
