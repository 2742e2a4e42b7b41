// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_SESSION_ADMIN_OPTIONS_HPP
#define EXAMPLES_SESSION_ADMIN_OPTIONS_HPP

// The command line. Both tables are what the parser knows and what --help says.

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace session_admin {

/// The command line asks for what does not exist or makes no sense: exit code 2.
class Misuse : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

using Text = std::optional<std::string>;

struct Options {
    Text command;
    Text argument;

    Text engine;
    Text url;
    bool hashed_keys = false;
    Text cookie_name;
    Text cookie_age;
    Text key_prefix;

    Text secret_file;
    Text fallback_file;
    bool unverified = false;

    bool json = false;
    bool keys = false;
    bool help = false;
};

struct Flag {
    std::string_view name;
    bool Options::* member;
    std::string_view about;
};

inline constexpr std::array flags{
    Flag{"--hashed-keys", &Options::hashed_keys, "the store holds hashes of the keys (storage::HashedKeys)"},
    Flag{"--unverified", &Options::unverified,
         "show, decode: read the data without checking who signed them"},
    Flag{"--keys", &Options::keys, "list: whole session keys; each opens the session of its visitor"},
    Flag{"--json", &Options::json, "answer in JSON"},
    Flag{"--help", &Options::help, "say this, or what one command does"},
};

struct Setting {
    std::string_view name;
    std::string_view value;
    Text Options::* member;
    std::string_view about;
};

inline constexpr std::array settings{
    Setting{"--engine", "NAME", &Options::engine, "what keeps the sessions"},
    Setting{"--url", "WHERE", &Options::url, "where it keeps them; a password is better in CLOAKROOM_URL"},
    Setting{"--secret-file", "FILE", &Options::secret_file, "the site's SECRET_KEY, in a file of mode 600"},
    Setting{"--fallback-file", "FILE", &Options::fallback_file, "SECRET_KEY_FALLBACKS, one in each line"},
    Setting{"--key-prefix", "TEXT", &Options::key_prefix, "what stands before a session's key in a cache"},
    Setting{"--cookie-name", "NAME", &Options::cookie_name, "SESSION_COOKIE_NAME, which begins file names"},
    Setting{"--cookie-age", "SECONDS", &Options::cookie_age, "SESSION_COOKIE_AGE, which dates files"},
};

/// The row of that name, or nullptr.
template <class Table>
auto const* find(Table const& table, std::string_view name)
{
    auto const row = std::find_if(table.begin(), table.end(), [&](auto const& r) { return r.name == name; });
    return row == table.end() ? nullptr : &*row;
}

/// What the command line says. `--name value` and `--name=value` are the same, and all that follows `--` is
/// no option. Throws Misuse.
inline Options parse_options(int argc, char const* const* argv)
{
    Options options;
    bool only_words = false;
    for (int i = 1; i < argc; ++i) {
        std::string_view const argument = argv[i];
        auto const equals = argument.find('=');
        auto const name = argument == "-h" ? "--help" : argument.substr(0, equals);
        if (only_words || !argument.starts_with('-') || argument == "-") {
            auto& word = options.command ? options.argument : options.command;
            if (word)
                throw Misuse{"one argument too many behind " + *options.command};
            word = argument;
        } else if (argument == "--") {
            only_words = true;
        } else if (auto const* const flag = find(flags, name); flag && equals == argument.npos) {
            options.*flag->member = true;
        } else if (auto const* const setting = find(settings, name)) {
            if (equals == argument.npos && i + 1 == argc)
                throw Misuse{std::string{name} + " needs a value"};
            options.*setting->member = equals == argument.npos ? argv[++i] : argument.substr(equals + 1);
        } else {
            throw Misuse{"unknown option " + std::string{name}};
        }
    }
    return options;
}

} // namespace session_admin

#endif
