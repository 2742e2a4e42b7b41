// SPDX-License-Identifier: MIT
// Looks after sessions wherever they are kept. Which storage, and what to do, is known only when the program
// runs; both are found in Hana maps, so that each pair of them is compiled as if it were the only one.
#include "commands.hpp"
#include "engines.hpp"
#include "help.hpp"
#include "names.hpp"
#include "options.hpp"
#include "output.hpp"

#include <cloakroom.hpp>

#include <exception>
#include <iostream>
#include <string>

namespace {

using namespace session_admin;

void run(Options const& options, Output& output)
{
    auto const found = with_named(commands, *options.command, [&](auto command) {
        using Command = decltype(command);
        constexpr auto argument = argument_of<Command>();
        if (options.help)
            return print_help<Command>(*options.command);
        if (argument.empty() == options.argument.has_value())
            throw Misuse{*options.command + (argument.empty() ? " takes no argument" : " needs ") +
                         std::string{argument}};
        if constexpr (needs_engine<Command>)
            with_engine(options, [&](auto engine) { command(engine, options, output); });
        else
            command(options, output);
    });
    if (!found)
        throw Misuse{"unknown command " + *options.command + "; there are " + names_in(commands)};
}

int fail(std::exception const& error, int code)
{
    std::cout.flush();
    std::cerr << "session_admin: " << error.what() << (code == 2 ? "\nTry --help.\n" : "\n");
    return code;
}

} // namespace

int main(int argc, char** argv)
try {
    auto const options = parse_options(argc, argv);
    Output output{options.json};
    if (options.command)
        run(options, output);
    else if (options.help)
        print_help();
    else
        throw Misuse{"which command? There are " + names_in(commands)};
    Output::finish();
    return 0;
} catch (session_admin::Misuse const& error) {
    return fail(error, 2);
} catch (cloakroom::ImproperlyConfigured const& error) {
    return fail(error, 2);
} catch (std::exception const& error) {
    return fail(error, 1);
}
