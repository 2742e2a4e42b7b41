// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_TURNS_HPP
#define CLOAKROOM_TESTING_TURNS_HPP

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::testing {

/// A step of a client: from one point to its next one.
struct TurnStep {
    std::size_t client;
    std::string what;
    std::string answer;
};

/// Threads of which one runs at a time. At each point a thread parks, and the next one is chosen among the
/// parked ones by a path of choices, so that running all paths runs all schedules.
class Turns {
public:
    using Client = std::function<void()>;

    /// Starts `clients` threads, which wait for run().
    Turns(std::size_t clients, std::chrono::milliseconds patience);
    Turns(Turns const&) = delete;
    Turns& operator=(Turns const&) = delete;
    ~Turns();

    /// Runs the clients along the current path. False when one of them waits for something that a parked one
    /// holds: then all were let loose, so that the threads ended.
    bool run(std::vector<Client> const& clients);
    /// Goes on to the next path; false after the last.
    bool next_path();

    /// About the last run: what was done, what a client threw, and whether it could be led along its path.
    std::vector<TurnStep> const& steps() const { return steps_; }
    std::exception_ptr thrown(std::size_t client) const { return seats_[client].thrown; }
    bool followed_path() const { return followed_path_; }

    /// For the code under test: waits for its turn. Does nothing in a thread that is none of the clients.
    static void point(std::string_view what);
    /// What the last step of this thread came to, for the story.
    static void note(std::string_view answer);

private:
    static constexpr std::size_t nobody = static_cast<std::size_t>(-1);

    struct Seat {
        std::condition_variable wake;
        bool parked = false;
        std::exception_ptr thrown;
        std::size_t last_step = nobody;
        std::thread thread;
    };
    struct Choice {
        std::size_t taken;
        std::size_t of;
    };

    void serve(std::size_t seat);
    void park(std::size_t seat, std::string_view what);
    void pass_on(std::size_t from);
    std::size_t choose(std::size_t from);
    void give_turn(std::size_t seat);

    static inline thread_local Turns* mine_ = nullptr;
    static inline thread_local std::size_t my_seat_ = 0;

    std::mutex mutex_;
    std::condition_variable finished_;
    std::deque<Seat> seats_;
    std::vector<Client> const* clients_ = nullptr;
    std::chrono::milliseconds patience_;
    std::size_t run_ = 0;
    std::size_t turn_ = nobody;
    std::size_t started_ = 0;
    std::size_t done_ = 0;
    bool loose_ = false;
    bool stop_ = false;
    bool followed_path_ = true;
    std::vector<Choice> path_;
    std::size_t depth_ = 0;
    std::vector<TurnStep> steps_;
};

inline Turns::Turns(std::size_t clients, std::chrono::milliseconds patience)
    : seats_(clients), patience_(patience)
{
    for (std::size_t i = 0; i < clients; ++i)
        seats_[i].thread = std::thread{[this, i] { serve(i); }};
}

inline Turns::~Turns()
{
    {
        std::scoped_lock const lock{mutex_};
        stop_ = true;
        for (auto& seat : seats_)
            seat.wake.notify_one();
    }
    for (auto& seat : seats_)
        seat.thread.join();
}

inline bool Turns::run(std::vector<Client> const& clients)
{
    std::unique_lock lock{mutex_};
    clients_ = &clients;
    ++run_;
    for (auto& seat : seats_) {
        seat.thrown = nullptr;
        seat.last_step = nobody;
    }
    steps_.clear();
    depth_ = 0;
    done_ = 0;
    followed_path_ = true;
    started_ = 1;
    give_turn(0);
    auto const all_done = [&] { return done_ == seats_.size(); };
    for (auto before = steps_.size(); !finished_.wait_for(lock, patience_, all_done); before = steps_.size())
        if (steps_.size() == before && !std::exchange(loose_, true))
            for (auto& seat : seats_)
                seat.wake.notify_one();
    turn_ = nobody;
    followed_path_ = followed_path_ && depth_ == path_.size();
    return !std::exchange(loose_, false);
}

inline bool Turns::next_path()
{
    while (!path_.empty() && ++path_.back().taken == path_.back().of)
        path_.pop_back();
    return !path_.empty();
}

inline void Turns::point(std::string_view what)
{
    if (mine_ != nullptr)
        mine_->park(my_seat_, what);
}

inline void Turns::note(std::string_view answer)
{
    if (mine_ == nullptr)
        return;
    std::scoped_lock const lock{mine_->mutex_};
    if (auto const last = mine_->seats_[my_seat_].last_step; last != nobody)
        mine_->steps_[last].answer = answer;
}

inline void Turns::serve(std::size_t seat)
{
    mine_ = this;
    my_seat_ = seat;
    std::unique_lock lock{mutex_};
    for (std::size_t served = 0;;) {
        seats_[seat].wake.wait(lock, [&] { return stop_ || (served != run_ && (turn_ == seat || loose_)); });
        if (stop_)
            return;
        served = run_;
        auto const& client = (*clients_)[seat];
        lock.unlock();
        std::exception_ptr thrown;
        try {
            client();
        } catch (...) {
            thrown = std::current_exception();
        }
        lock.lock();
        seats_[seat].thrown = thrown;
        if (++done_ == seats_.size())
            finished_.notify_one();
        pass_on(seat);
    }
}

inline void Turns::park(std::size_t seat, std::string_view what)
{
    std::unique_lock lock{mutex_};
    if (!loose_) {
        seats_[seat].parked = true;
        pass_on(seat);
        seats_[seat].wake.wait(lock, [&] { return turn_ == seat || loose_; });
        seats_[seat].parked = false;
    }
    seats_[seat].last_step = steps_.size();
    steps_.push_back({seat, std::string{what}, {}});
}

inline void Turns::pass_on(std::size_t from)
{
    if (loose_)
        return;
    // What a client does before its first point touches nothing shared, so its order makes no difference.
    if (started_ < seats_.size())
        return give_turn(started_++);
    give_turn(choose(steps_.empty() ? 0 : from));
}

inline std::size_t Turns::choose(std::size_t from)
{
    std::vector<std::size_t> parked;
    if (seats_[from].parked) // first, so that the first schedules are those with the fewest changes
        parked.push_back(from);
    for (std::size_t i = 0; i < seats_.size(); ++i)
        if (i != from && seats_[i].parked)
            parked.push_back(i);
    if (parked.size() < 2)
        return parked.empty() ? nobody : parked.front();
    if (depth_ == path_.size())
        path_.push_back({0, parked.size()});
    auto const choice = path_[depth_++];
    if (choice.of != parked.size())
        followed_path_ = false;
    return parked[choice.taken < parked.size() ? choice.taken : 0];
}

inline void Turns::give_turn(std::size_t seat)
{
    turn_ = seat;
    if (seat != nobody)
        seats_[seat].wake.notify_one();
}

} // namespace cloakroom::inline v0::testing

#endif
