// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_SERIALIZER_LAWS_HPP
#define CLOAKROOM_TESTING_SERIALIZER_LAWS_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/limits.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/concept.hpp>
#include <cloakroom/testing/difference.hpp>
#include <cloakroom/testing/identical.hpp>
#include <cloakroom/testing/law.hpp>
#include <cloakroom/testing/sample_dicts.hpp>
#include <cloakroom/testing/threads.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::testing {

/// What the serializer can do, and how much is tried.
struct SerializerLawOptions {
    /// The deepest nesting that the serializer writes and reads, the session's own dictionary being level 1.
    std::size_t max_depth = cloakroom::max_depth;
    /// How many damaged texts are tried for each sample.
    std::size_t damages = 2000;
    /// Where the damage begins to be random.
    unsigned seed = 1;
};

/// What was tried.
struct SerializerLawReport {
    std::size_t round_trips = 0;
    /// Texts that were cut or damaged, and how many of them could still be read.
    std::size_t damaged = 0;
    std::size_t still_read = 0;
};

/// The laws of SerializerPolicy: `serializer_laws(MySerializer{});`
///
/// What is dumped comes back identical, the order of keys, the kind of each number and the sign of zero
/// included; what is cut short is a decode error or the same dictionary; what goes on behind it is not passed
/// over; whatever the bytes, load gives a value or a DecodeError, and a value that it gives can be dumped and
/// read again. Throws LawBroken with the sample and the damage.
template <SerializerPolicy Serializer>
SerializerLawReport serializer_laws(Serializer const& serializer = {}, SerializerLawOptions options = {});

/// The laws one by one; `name` says which sample it is about.
template <SerializerPolicy Serializer>
class SerializerTrial {
public:
    SerializerTrial(Serializer const& serializer, SerializerLawOptions const& options)
        : serializer_(serializer), options_(options), random_(options.seed)
    {
    }

    SerializerLawReport const& report() const { return report_; }

    void comes_back(SampleDict const& sample)
    {
        auto const bytes = dump(sample);
        require(!(Serializer::output == Content::text) ||
                    std::all_of(bytes.begin(), bytes.end(), [](char c) { return c >= ' ' && c <= '~'; }),
                "A text has bytes that are not printable ASCII: " + sample.name);
        auto const loaded = load(bytes, sample.name);
        require(loaded.has_value(), "What was dumped is not read: " + sample.name);
        if (!identical(*loaded, sample.dict))
            throw LawBroken{"What was dumped comes back as something else: " + sample.name + "; " +
                            difference(sample.dict, *loaded)};
        require(serializer_.dump(*loaded) == bytes, "The same dictionary gives other bytes: " + sample.name);
        ++report_.round_trips;
    }

    void is_whole_or_nothing(SampleDict const& sample)
    {
        auto const bytes = dump(sample);
        // Every offset of a short text; of a long one so many that it takes no longer.
        auto const step = std::max<std::size_t>(1, bytes.size() * bytes.size() / 10'000'000);
        for (std::size_t size = 0; size < bytes.size(); size += step) {
            auto const what = sample.name + ", cut to " + std::to_string(size) + " bytes";
            auto const loaded = load(std::string_view{bytes}.substr(0, size), what);
            require(!loaded || identical(*loaded, sample.dict), "A part is read as a whole: " + what);
            count(loaded);
        }
    }

    void takes_nothing_behind(SampleDict const& sample)
    {
        auto const bytes = dump(sample);
        for (auto const tail : {'x', '}', '0', '\xFF', '\0'}) {
            auto const loaded = load(bytes + tail, sample.name + ", with a byte behind it");
            require(!loaded || !identical(*loaded, sample.dict),
                    "A byte behind the dictionary is passed over, where load has to give a decode error: " +
                        sample.name);
            count(loaded);
        }
    }

    void survives_damage(SampleDict const& sample)
    {
        auto const bytes = dump(sample);
        if (bytes.empty())
            return;
        auto const rounds = std::max<std::size_t>(1, options_.damages * 1000 / (1000 + bytes.size()));
        for (std::size_t i = 0; i < rounds; ++i) {
            auto damaged = bytes;
            for (auto changes = 1 + random_() % 3; changes > 0; --changes)
                damage(damaged);
            read_and_dump(damaged, sample.name + ", damaged for the " + std::to_string(i + 1) + ". time");
        }
    }

    /// Lengths of almost everything, wherever a length may stand.
    void believes_no_length(SampleDict const& sample)
    {
        auto const bytes = dump(sample);
        constexpr std::size_t small = 2000;
        if (bytes.size() > small)
            return;
        auto const end = std::min<std::size_t>(bytes.size(), 200);
        for (std::size_t offset = 0; offset <= end; ++offset)
            for (std::size_t const width : {1U, 2U, 4U, 8U})
                for (auto const* const fill : {"\xFF", "\x7F", "9"}) {
                    auto hostile = bytes.substr(0, offset);
                    for (std::size_t i = 0; i < width; ++i)
                        hostile += fill;
                    read_and_dump(hostile, sample.name + ", ending in a huge length");
                    hostile += bytes.substr(std::min(bytes.size(), offset + width));
                    read_and_dump(hostile, sample.name + ", with a huge length at " + std::to_string(offset));
                }
    }

    void bounds_depth_and_size()
    {
        for (auto const& [arrays, dicts] : {std::pair{true, false}, {false, true}, {true, true}}) {
            comes_back({"the deepest nesting", nested_dict(options_.max_depth, arrays, dicts)});
            refuses("a nesting of one level too many", nested_dict(options_.max_depth + 1, arrays, dicts));
        }
        refuses("a text longer than max_payload_size", {{"text", std::string(max_payload_size + 1, 'x')}});
        for (auto const* const opening :
             {"[", "{", "{\"a\":", "[{\"a\":", "<a>", "\x91", "\x81", "\xFF", "("}) {
            std::string deep;
            while (deep.size() < 1'000'000)
                deep += opening;
            read_and_dump(deep, "a million bytes of openings");
            read_and_dump("{\"a\":" + deep, "a million bytes of openings in an object");
        }
    }

    void works_in_threads(std::vector<SampleDict> const& samples)
    {
        on_threads(4, [&](std::size_t) {
            for (auto const& sample : samples)
                SerializerTrial{serializer_, options_}.comes_back(sample);
        });
    }

private:
    std::string dump(SampleDict const& sample)
    {
        try {
            return serializer_.dump(sample.dict);
        } catch (std::exception const& error) {
            throw LawBroken{"dump threw " + std::string{error.what()} + ": " + sample.name};
        }
    }

    std::optional<Dict> load(std::string_view bytes, std::string const& what)
    {
        try {
            auto loaded = serializer_.load(bytes);
            if (loaded)
                return std::move(*loaded);
            require(!loaded.reason().reason.empty(), "A decode error gives no reason: " + what);
            return std::nullopt;
        } catch (LawBroken const&) {
            throw;
        } catch (std::exception const& error) {
            throw LawBroken{"load threw " + std::string{error.what()} + ": " + what};
        }
    }

    void read_and_dump(std::string_view bytes, std::string const& what)
    {
        auto const loaded = load(bytes, what);
        count(loaded);
        if (!loaded)
            return;
        auto const again = load(serializer_.dump(*loaded), what + ", read and dumped again");
        require(again && identical(*again, *loaded), "What was read is dumped as something else: " + what);
    }

    void refuses(char const* what, Dict const& dict)
    {
        try {
            (void)serializer_.dump(dict);
        } catch (TypeError const&) {
            return;
        } catch (std::exception const& error) {
            throw LawBroken{std::string{"dump has to throw TypeError for "} + what + ", but threw " +
                            error.what()};
        }
        throw LawBroken{std::string{"dump has to throw TypeError for "} + what};
    }

    void damage(std::string& bytes)
    {
        auto const at = random_() % bytes.size();
        auto const any = static_cast<char>(random_() % 256);
        switch (random_() % 4) {
        case 0:
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << random_() % 8));
            break;
        case 1:
            bytes[at] = any;
            break;
        case 2:
            bytes.insert(at, 1, any);
            break;
        default:
            if (bytes.size() > 1)
                bytes.erase(at, 1);
        }
    }

    void count(std::optional<Dict> const& loaded)
    {
        ++report_.damaged;
        report_.still_read += loaded ? 1U : 0U;
    }

    Serializer const& serializer_;
    SerializerLawOptions options_;
    std::mt19937 random_;
    SerializerLawReport report_;
};

template <SerializerPolicy Serializer>
SerializerLawReport serializer_laws(Serializer const& serializer, SerializerLawOptions options)
{
    SerializerTrial<Serializer> trial{serializer, options};
    auto const samples = sample_dicts();
    for (auto const& sample : samples) {
        trial.comes_back(sample);
        trial.is_whole_or_nothing(sample);
        trial.takes_nothing_behind(sample);
        trial.survives_damage(sample);
        trial.believes_no_length(sample);
    }
    trial.bounds_depth_and_size();
    trial.works_in_threads(samples);
    return trial.report();
}

} // namespace cloakroom::inline v0::testing

#endif
