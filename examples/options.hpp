// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_OPTIONS_HPP
#define EXAMPLES_OPTIONS_HPP

// The command line that the examples share.

#include <charconv>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

namespace examples {

struct Options {
    std::string about; ///< what --help says that the program does
    std::string database;
    int port = 8000;
    bool production = false; ///< whether to say what a site in production should look at
};

[[noreturn]] inline void refuse(std::string const& what)
{
    std::cerr << what << "\nTry --help.\n";
    std::exit(2);
}

inline int parse_port(std::string_view text)
{
    int port = -1;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port < 0 || port > 65535)
        refuse("--port needs a number from 0 to 65535, not '" + std::string{text} + "'");
    return port;
}

/// `options` with what the command line says. Ends the program after --help and after a mistake.
inline Options parse_options(int argc, char** argv, Options options)
{
    std::string const program = argv[0];
    for (int i = 1; i < argc; ++i) {
        std::string_view const argument = argv[i];
        auto const equals = argument.find('=');
        auto const name = argument.substr(0, equals);
        auto const value = [&]() -> std::string_view {
            if (equals != std::string_view::npos)
                return argument.substr(equals + 1);
            if (i + 1 == argc)
                refuse(std::string{name} + " needs a value");
            return argv[++i];
        };
        if (argument == "--help" || argument == "-h") {
            std::cout << "Usage: " << program << " [--port N] [--database FILE] [--production]\n"
                      << options.about << "\n\n"
                      << "  --port N         listen on this port of 127.0.0.1, 0 for any free one (default "
                      << options.port << ")\n"
                      << "  --database FILE  keep the sessions here, the key beside it in FILE.key (default "
                      << options.database << ")\n"
                      << "  --production     say first what a site in production should look at\n"
                      << "  --help           say this\n";
            std::exit(0);
        } else if (argument == "--production") {
            options.production = true;
        } else if (name == "--port") {
            options.port = parse_port(value());
        } else if (name == "--database") {
            options.database = value();
            if (options.database.empty())
                refuse("--database needs the name of a file");
        } else {
            refuse("unknown option '" + std::string{argument} + "'");
        }
    }
    return options;
}

/// With --production, what cr::check() found, one line each.
template <class CheckMessages>
void print_checks(Options const& options, CheckMessages const& messages)
{
    if (options.production)
        for (auto const& [id, advice] : messages)
            std::cerr << id << ": " << advice << '\n';
}

} // namespace examples

#endif
