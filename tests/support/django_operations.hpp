// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_DJANGO_OPERATIONS_HPP
#define CLOAKROOM_TESTS_SUPPORT_DJANGO_OPERATIONS_HPP

#include "support/vectors.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/testing/manual_clock.hpp>

#include <chrono>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// meta.clock of the vectors.
inline constexpr cloakroom::TimePoint vectors_clock{std::chrono::microseconds{1'780'000'000'123'456}};

inline cloakroom::Duration seconds_of(cloakroom::Value const& number)
{
    return cloakroom::Duration{std::llround(number.as<double>() * 1e6)};
}

/// The vectors call session keys K1, K2, ... in the order of their first appearance.
class KeyNames {
public:
    cloakroom::Value name_of(std::optional<cloakroom::SessionKey> const& key)
    {
        return key ? cloakroom::Value{name_of(key->reveal())} : cloakroom::Value{};
    }
    std::string name_of(std::string_view key)
    {
        for (auto const& [name, text] : names_)
            if (text == key)
                return name;
        auto name = "K" + std::to_string(names_.size() + 1);
        names_.emplace(name, key);
        return name;
    }
    /// The key of that name, or the text itself where it is no such name.
    std::string key_of(std::string const& name) const
    {
        auto const found = names_.find(name);
        return found != names_.end() ? found->second : name;
    }

private:
    std::map<std::string, std::string> names_;
};

/// Does an operation of the vectors' traces and views on a session: what it answered, or nothing for none.
/// The operation is [name, which session, arguments ...] as make_vectors.py describes.
template <class Session>
cloakroom::Value apply_django_operation(Session& session, cloakroom::Array const& op, KeyNames const& names)
{
    namespace cr = cloakroom;
    auto const kind = op.at(0).as<std::string>();
    auto const argument = [&](std::size_t i) { return op.at(i + 2); };
    auto const text = [&](std::size_t i) { return argument(i).template as<std::string>(); };
    auto const count = op.size() - 2;
    if (kind == "set") {
        session[text(0)] = argument(1);
    } else if (kind == "get") {
        return session.get(text(0)).value_or(cr::Value{});
    } else if (kind == "getitem") {
        return session.at(text(0));
    } else if (kind == "del") {
        if (!session.erase(text(0)))
            throw cr::KeyError{text(0)};
    } else if (kind == "pop") {
        return count == 1 ? session.pop(text(0)) : session.pop(text(0), argument(1));
    } else if (kind == "has") {
        return session.contains(text(0));
    } else if (kind == "setdefault") {
        return session.setdefault(text(0), argument(1));
    } else if (kind == "update") {
        session.update(argument(0).template as<cr::Dict>());
    } else if (kind == "keys") {
        return session.keys();
    } else if (kind == "clear") {
        session.clear();
    } else if (kind == "save") {
        session.save();
    } else if (kind == "save_must_create") {
        session.save(cr::must_create);
    } else if (kind == "create") {
        session.create();
    } else if (kind == "load") {
        return cr::serializer::Json{}.dump(session.load());
    } else if (kind == "delete") {
        using Storage = std::remove_reference_t<decltype(session.backend().storage())>;
        if constexpr (cr::ClientSidePolicy<Storage>) // whatever key is passed (S-256)
            session.delete_record();
        else if (count == 0)
            session.delete_record();
        else
            session.delete_record(names.key_of(text(0)));
    } else if (kind == "exists") {
        return session.exists(names.key_of(text(0)));
    } else if (kind == "flush") {
        session.flush();
    } else if (kind == "cycle_key") {
        session.cycle_key();
    } else if (kind == "set_expiry") {
        auto const value = argument(0);
        auto const* const moment = value.template get_if<cr::Dict>();
        if (value.is_null())
            session.set_expiry(cr::global_policy);
        else if (value == cr::Value{0})
            session.set_expiry(cr::browser_close);
        else if (moment != nullptr && moment->contains("timedelta"))
            session.set_expiry(session.backend().now() + seconds_of(moment->at("timedelta")));
        else if (moment != nullptr)
            session.set_expiry(*cr::parse_iso_time(moment->at("datetime").template as<std::string>()));
        else
            session.set_expiry(seconds_of(value));
    } else if (kind == "is_empty") {
        return session.is_empty();
    } else if (kind == "bool") {
        return static_cast<bool>(session);
    } else if (kind == "set_test_cookie") {
        session.set_test_cookie();
    } else if (kind == "test_cookie_worked") {
        return session.test_cookie_worked();
    } else if (kind == "delete_test_cookie") {
        session.delete_test_cookie();
    } else if (kind == "flag") {
        session.set_modified(argument(1).template as<bool>());
    } else if (kind == "nested_mutation") {
        session[text(0)][text(1)] = argument(2);
    } else {
        throw std::logic_error{"unknown operation " + kind};
    }
    return {};
}

/// The views of the vectors' middleware cases: the operations that each does on the session "s".
inline std::map<std::string, std::vector<cloakroom::Array>> const views{
    {"nothing", {}},
    {"read", {{"get", "s", "a"}}},
    {"check_empty", {{"is_empty", "s"}}},
    {"write", {{"set", "s", "b", 2}}},
    {"delete_last_item", {{"pop", "s", "a", nullptr}}},
    {"clear", {{"clear", "s"}}},
    {"flush", {{"flush", "s"}}},
    {"flush_then_write", {{"flush", "s"}, {"set", "s", "c", 3}}},
    {"cycle_key", {{"cycle_key", "s"}}},
    {"set_expiry_300", {{"set_expiry", "s", 300}}},
    {"set_expiry_0", {{"set_expiry", "s", 0}}},
    {"set_expiry_none", {{"set_expiry", "s", nullptr}}},
    {"set_expiry_future_datetime",
     {{"set_expiry", "s", cloakroom::Dict{{"datetime", "2026-05-28T21:26:40+00:00"}}}}},
    {"set_expiry_past", {{"set_expiry", "s", cloakroom::Dict{{"timedelta", -10}}}}},
    {"flag_modified", {{"flag", "s", "modified", true}}},
};

/// Everything stored, as the vectors show it for the db engine: {"K1": {"row": {"data": ..., "expires_in":
/// ...}}}. Keys that are not named yet get no name by this.
template <class Backend>
cloakroom::Dict stored_rows(Backend& backend, KeyNames& names)
{
    namespace cr = cloakroom;
    std::map<std::string, cr::Value> rows;
    backend.storage().for_each(cr::earliest_time, [&](cr::SessionKey const& key, cr::Stored const& stored) {
        auto const text = backend.signer().unsign(stored.payload, backend.now(), std::nullopt);
        auto const expires_in = std::chrono::duration<double>(stored.expires - backend.now()).count();
        rows[names.name_of(key.reveal())] =
            cr::Dict{{"row", cr::Dict{{"data", text ? *text : "{}"}, {"expires_in", expires_in}}}};
    });
    cr::Dict result;
    for (auto const& [name, row] : rows)
        result[name] = row;
    return result;
}

/// The same as the vectors show it for the file engine: {"K1": {"file": {"name": ..., "data": ...}}}.
template <class Backend>
cloakroom::Dict stored_files(Backend& backend, KeyNames& names)
{
    namespace cr = cloakroom;
    cr::Dict const rows = stored_rows(backend, names);
    cr::Dict result;
    for (auto const& row : rows) {
        std::string const name{row.key};
        cr::Value const& entry = row.value;
        auto const data = entry.as<cr::Dict>().at("row").as<cr::Dict>().at("data");
        result[name] = cr::Dict{{"file", cr::Dict{{"name", "sessionid" + name}, {"data", data}}}};
    }
    return result;
}

#endif
