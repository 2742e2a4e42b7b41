// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_SESSION_ADMIN_OUTPUT_HPP
#define EXAMPLES_SESSION_ADMIN_OUTPUT_HPP

// Answers on the standard output, for people or in JSON.

#include <cloakroom.hpp>
#include <cloakroom/core/date_time.hpp>

#include <chrono>
#include <cstddef>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace session_admin {

namespace cr = cloakroom;

/// To the second, as people read it.
inline std::string readable(cr::TimePoint moment)
{
    return std::string{cr::SqlTime{std::chrono::floor<std::chrono::seconds>(moment)}.text()} + " UTC";
}

inline std::string right_aligned(std::size_t number, std::size_t width)
{
    auto const digits = std::to_string(number);
    return std::string(digits.size() < width ? width - digits.size() : 1, ' ') + digits;
}

/// The items of a session, one in each line. All of it is ASCII, so that no session plays tricks on a
/// terminal.
inline std::string readable(cr::Dict const& data)
{
    using cr::serializer::Json;
    std::string text;
    for (auto const& [name, value] : data)
        text += "\n" + Json::dump_value(name) + ": " + Json::dump_value(value);
    return text.empty() ? "\n(no items)" : text;
}

class Output {
public:
    explicit Output(bool json) : json_(json) {}

    /// One answer in both forms.
    void answer(cr::Dict const& json, std::string_view text) const
    {
        if (json_)
            std::cout << cr::serializer::Json::dump_value(json) << '\n';
        else
            std::cout << text << '\n';
    }

    /// Answers that are written as soon as they are known, each on a line of its own, below a heading that
    /// only people get. Nothing is written before the first one, or the end.
    class List {
    public:
        List(bool json, std::string_view heading)
            : json_(json), before_(json ? "[" : std::string{heading} + "\n")
        {
        }

        void add(cr::Dict const& json, std::string_view text)
        {
            if (json_)
                std::cout << before_ << '\n' << cr::serializer::Json::dump_value(json);
            else
                std::cout << before_ << text << '\n';
            before_ = json_ ? "," : "";
            is_empty_ = false;
        }
        void finish() const { std::cout << (is_empty_ ? before_ : "") << (json_ ? "\n]\n" : ""); }

    private:
        bool json_;
        bool is_empty_ = true;
        std::string before_;
    };
    List list(std::string_view heading) const { return {json_, heading}; }

    /// Throws when not everything could be written.
    static void finish()
    {
        if (!std::cout.flush())
            throw std::runtime_error{"The answer could not be written."};
    }

private:
    bool json_;
};

} // namespace session_admin

#endif
