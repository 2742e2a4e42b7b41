// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_INTERLEAVE_HPP
#define CLOAKROOM_TESTING_INTERLEAVE_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/testing/law.hpp>
#include <cloakroom/testing/storage_story.hpp>
#include <cloakroom/testing/turns.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::testing {

/// How far a walk through the schedules goes.
struct InterleaveOptions {
    /// Stop after that many schedules; 0 walks all. A walk that was cut short says so in its report.
    std::size_t limit = 0;
    /// How long a client may take from one step to the next before it counts as waiting for a lock that
    /// another one holds while it is parked.
    std::chrono::milliseconds patience = std::chrono::seconds{20};
};

/// What was walked.
struct InterleaveReport {
    std::size_t schedules = 0;
    std::size_t steps = 0;
    bool complete = true;
};

/// One schedule that was run.
class InterleavedRun {
public:
    explicit InterleavedRun(Turns const& turns, std::size_t clients) : turns_(turns), asked_(clients) {}

    /// Whether the client ended with an exception of that type. One that nobody asks for breaks the law.
    template <class Exception>
    bool threw(std::size_t client) const
    {
        try {
            if (auto const thrown = turns_.thrown(client))
                std::rethrow_exception(thrown);
        } catch (Exception const&) {
            asked_[client] = true;
            return true;
        } catch (...) {
        }
        return false;
    }

    /// What the client's last step came to, as Scheduled<Storage> notes it.
    std::string_view last_answer(std::size_t client) const
    {
        std::string_view answer;
        for (auto const& step : turns_.steps())
            if (step.client == client)
                answer = step.answer;
        return answer;
    }

    /// The steps, as a numbered list for people.
    std::string story() const;

    /// What a client threw that nobody asked for, or an empty text.
    std::string unexpected() const;

private:
    Turns const& turns_;
    mutable std::vector<bool> asked_;
};

/// Where code under test lets another client run: each call of Scheduled<Storage>, and the places within a
/// storage that is made of several calls to a server. Does nothing outside of for_each_interleaving.
inline void interleave_point(std::string_view what)
{
    Turns::point(what);
}

/// Runs `clients` side by side in every order that their steps allow, each time on a new state, and checks
/// each.
///
/// `setup()` makes the state; each client is called with it in its own thread, of which one runs at a time
/// and only from one interleave_point to the next; `check(state, run)` throws LawBroken when the outcome is
/// wrong. Walks the schedules by running everything again with another choice, so what clients do may depend
/// on nothing but the order of their steps. LawBroken tells the schedule.
template <class Setup, class Check>
InterleaveReport for_each_interleaving(
    Setup setup, std::vector<std::function<void(std::remove_cvref_t<std::invoke_result_t<Setup&>>&)>> clients,
    Check check, InterleaveOptions options = {})
{
    Turns turns{clients.size(), options.patience};
    InterleaveReport report;
    do {
        if (options.limit != 0 && report.schedules == options.limit) {
            report.complete = false;
            break;
        }
        decltype(auto) state = setup();
        std::vector<Turns::Client> runs;
        for (auto const& client : clients)
            runs.push_back([&client, &state] { client(state); });
        auto const ended = turns.run(runs);
        InterleavedRun const run{turns, clients.size()};
        require(ended, "A client waits for a lock that another one holds between two steps." + run.story());
        require(turns.followed_path(),
                "The clients do something else when they are run again in the same order." + run.story());
        try {
            check(state, run);
        } catch (LawBroken const& broken) {
            throw LawBroken{broken.what() + run.story()};
        }
        if (auto const unexpected = run.unexpected(); !unexpected.empty())
            throw LawBroken{unexpected + run.story()};
        ++report.schedules;
        report.steps += turns.steps().size();
    } while (turns.next_path());
    return report;
}

inline std::string InterleavedRun::story() const
{
    std::string text;
    std::size_t number = 0;
    for (auto const& step : turns_.steps())
        text += "\n  " + std::to_string(++number) + ". " + client_name(step.client) + ": " + step.what +
                (step.answer.empty() ? "" : " -> " + step.answer);
    return text;
}

inline std::string InterleavedRun::unexpected() const
{
    for (std::size_t client = 0; client < asked_.size(); ++client) {
        auto const thrown = turns_.thrown(client);
        if (!thrown || asked_[client])
            continue;
        try {
            std::rethrow_exception(thrown);
        } catch (std::exception const& error) {
            return "Client " + client_name(client) + " threw: " + error.what();
        } catch (...) {
            return "Client " + client_name(client) + " threw something that is no std::exception.";
        }
    }
    return {};
}

} // namespace cloakroom::inline v0::testing

#endif
