// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_SESSION_ADMIN_HELP_HPP
#define EXAMPLES_SESSION_ADMIN_HELP_HPP

// What --help says, out of the same maps and tables that the program works by.

#include "commands.hpp"
#include "engines.hpp"
#include "names.hpp"
#include "options.hpp"

#include <iostream>
#include <string>
#include <string_view>

namespace session_admin {

inline std::string padded(std::string text, std::size_t width)
{
    text.resize(text.size() < width ? width : text.size() + 1, ' ');
    return text;
}

inline void print_options()
{
    std::cout << "\nOptions:\n";
    for (auto const& setting : settings)
        std::cout << "  " << padded(std::string{setting.name} + ' ' + std::string{setting.value}, 24)
                  << setting.about << '\n';
    for (auto const& flag : flags)
        std::cout << "  " << padded(std::string{flag.name}, 24) << flag.about << '\n';
}

inline void print_engines()
{
    std::cout << "\nEngines, and what their --url is:\n";
    auto const print = [](auto name, auto type) {
        using Listed = typename decltype(type)::type;
        std::cout << "  " << padded(name.c_str(), 16) << padded(std::string{Listed::where}, 40)
                  << Listed::about << '\n';
    };
    hana::for_each(engines, hana::fuse(print));
    std::cout << "Of two engines, a cache and a store behind it, name the store: all sessions are there.\n";
}

inline void print_surroundings()
{
    std::cout << "\nEnvironment:\n"
                 "  CLOAKROOM_SECRET_KEY    the site's SECRET_KEY, unless --secret-file is given\n"
                 "  CLOAKROOM_URL           what --url says, unless it is given\n"
                 "\nExit codes:\n"
                 "  0  done\n"
                 "  1  no such session, nothing readable, or the store failed\n"
                 "  2  the command line or a setting is wrong, or the engine has no such command\n";
}

inline void print_help()
{
    std::cout << "Usage: session_admin COMMAND [options]\n"
                 "Looks after the sessions of a Django site, or of a program that uses cloakroom.\n\n"
                 "Commands:\n";
    auto const print = [](auto name, auto command) {
        using Command = decltype(command);
        auto const usage = std::string{name.c_str()} + ' ' + std::string{argument_of<Command>()};
        std::cout << "  " << padded(usage, 24) << Command::about.substr(0, Command::about.find_first_of(".:"))
                  << '\n';
    };
    hana::for_each(commands, hana::fuse(print));
    print_engines();
    print_options();
    print_surroundings();
}

template <class Command>
void print_help(std::string_view name)
{
    std::cout << "Usage: session_admin " << padded(std::string{name}, 0) << argument_of<Command>()
              << (argument_of<Command>().empty() ? "" : " ")
              << (needs_engine<Command> ? "--engine NAME --url WHERE [options]\n" : "[options]\n")
              << Command::about << '\n';
    if (needs_engine<Command>)
        print_engines();
    print_options();
    print_surroundings();
}

} // namespace session_admin

#endif
