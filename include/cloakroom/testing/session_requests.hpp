// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_SESSION_REQUESTS_HPP
#define CLOAKROOM_TESTING_SESSION_REQUESTS_HPP

#include <cloakroom/core/conversion.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/testing/storage_story.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::testing {

/// What a request does to the session that it shares with others. In parallel with its effect stands what the
/// effect is: the laws add these up and compare.
enum class RequestKind {
    count,
    set_own,
    erase_item,
    append,
    touch,
    count_and_cycle,
    cycle_and_set,
    flush,
    expire,
    renew
};

/// All but two: `expire` is no request, time passes and the session dies; `renew` changes nothing, its
/// request only looked at the session.
inline constexpr RequestKind every_request[] = {
    RequestKind::count, RequestKind::set_own,         RequestKind::erase_item,    RequestKind::append,
    RequestKind::touch, RequestKind::count_and_cycle, RequestKind::cycle_and_set, RequestKind::flush};

inline char const* to_text(RequestKind kind)
{
    constexpr char const* texts[] = {"counts",
                                     "sets its own item",
                                     "erases an item",
                                     "appends with a function",
                                     "touches",
                                     "counts and cycles",
                                     "cycles, then sets its own item",
                                     "flushes",
                                     "passes by until the session expires",
                                     "looks and renews"};
    return texts[static_cast<std::size_t>(kind)];
}

inline bool counts(RequestKind kind)
{
    return kind == RequestKind::count || kind == RequestKind::count_and_cycle;
}

inline bool sets_own(RequestKind kind)
{
    return kind == RequestKind::set_own || kind == RequestKind::cycle_and_set;
}

inline bool cycles(RequestKind kind)
{
    return kind == RequestKind::count_and_cycle || kind == RequestKind::cycle_and_set;
}

/// Whether nobody can use the old key after it.
inline bool ends_key(RequestKind kind)
{
    return cycles(kind) || kind == RequestKind::flush || kind == RequestKind::expire;
}

/// "own of A".
inline std::string own_item(std::size_t client)
{
    return "own of " + client_name(client);
}

/// The items of a session before the requests.
inline Dict shared_items()
{
    return {{"base", "kept"}, {"count", 0}, {"erased", "once"}, {"list", Array{}}};
}

/// Does it, save() or what stands for it included.
template <class Session>
void act(RequestKind kind, Session& session, std::size_t client)
{
    if (counts(kind))
        session["count"] += 1;
    if (cycles(kind))
        session.cycle_key();
    if (sets_own(kind))
        session[own_item(client)] = client;
    if (kind == RequestKind::erase_item)
        session.erase("erased");
    if (kind == RequestKind::append)
        session.update("list", [client](Value list) {
            Array texts = list.is_array() ? *list.template get_if<Array>() : Array{};
            texts.push_back(client_name(client));
            return Value{std::move(texts)};
        });
    if (kind == RequestKind::touch)
        session.set_modified();
    if (kind == RequestKind::flush)
        session.flush();
    else if (kind != RequestKind::count_and_cycle)
        session.save();
}

/// Does to a dictionary what act() does to a session.
inline void act_on_dict(RequestKind kind, Dict& items, std::size_t client)
{
    if (counts(kind))
        items["count"] = items.contains("count") ? items["count"].as<int>() + 1 : 1;
    if (sets_own(kind))
        items[own_item(client)] = client;
    if (kind == RequestKind::erase_item)
        items.erase("erased");
    if (kind == RequestKind::append) {
        if (!items.contains("list"))
            items["list"] = Array{};
        items["list"].get_if<Array>()->push_back(client_name(client));
    }
}

/// Equality but for the order in which texts were appended.
inline bool same_items(Dict a, Dict b)
{
    for (auto* const dict : {&a, &b})
        if (auto* const list = dict->find("list"))
            std::sort(
                list->get_if<Array>()->begin(), list->get_if<Array>()->end(),
                [](Value const& x, Value const& y) { return x.as<std::string>() < y.as<std::string>(); });
    return a == b;
}

/// For stories: the names and values.
inline std::string to_text(Dict const& items)
{
    std::string text;
    for (auto const& [key, value] : items) {
        text += (text.empty() ? "" : ", ") + key;
        if (auto const* const number = value.get_if<std::int64_t>())
            text += " " + std::to_string(*number);
        if (auto const* const list = value.get_if<Array>())
            for (auto const& each : *list)
                text += " " + each.as<std::string>();
    }
    return "{" + text + "}";
}

} // namespace cloakroom::inline v0::testing

#endif
