// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_ADAPTERS_POSTGRES_ADVICE_HPP
#define CLOAKROOM_ADAPTERS_POSTGRES_ADVICE_HPP

#include <string_view>
#include <utility>

namespace cloakroom::inline v0::adapters::postgres::detail {

/// What somebody who meets the error can do.
inline std::string_view advice(std::string_view sqlstate)
{
    using namespace std::string_view_literals;
    static constexpr std::pair<std::string_view, std::string_view> known[]{
        {"42P01"sv, "Make the table: call migrate(), or run Django's \"manage.py migrate\"."sv},
        {"42501"sv, "Grant this user the right to do so."sv},
        {"42"sv, "The table is not the one that Django makes: compare them, or use another database."sv},
        {"21"sv, "The table is not the one that Django makes: compare them, or use another database."sv},
        {"22"sv, "The table is not the one that Django makes: compare them, or use another database."sv},
        {"23"sv, "The table has rules that Django's does not have: remove them, or use another database."sv},
        {"25006"sv, "This server or user may only read: connect to the primary server "
                    "(target_session_attrs=read-write), or let the user write."sv},
        {"28"sv, "Check the user, the password and the server's pg_hba.conf."sv},
        {"3D"sv, "Make the database (createdb), or check its name."sv},
        {"53100"sv, "Make room on the server's disk; clear_expired() and VACUUM free pages for new "
                    "sessions."sv},
        {"53200"sv, "Give the server more memory."sv},
        {"53300"sv, "Raise the server's max_connections, or let fewer threads and processes connect."sv},
        {"53"sv, "The server lacks something: look at its log."sv},
        {"54"sv, "The session is too large for a row: keep large things elsewhere."sv},
        {"55P03"sv, "Somebody else kept the row locked: end that transaction sooner."sv},
        {"57014"sv, "The server was slow or somebody else kept the row locked for longer than "
                    "call_timeout: end that transaction sooner, or raise call_timeout."sv},
        {"57P"sv, "The server is stopping, starting or was told to end this connection; a call that was "
                  "under way may or may not have been done. Later calls connect anew."sv},
        {"40"sv, "Nothing was changed: try again."sv},
        {""sv, "Check that the server runs and accepts connections. A call that was under way may or may "
               "not have been done; later calls connect anew."sv},
    };
    for (auto const& [state, text] : known)
        if (state.empty() ? sqlstate.empty() : sqlstate.starts_with(state))
            return text;
    return "Look the code up in PostgreSQL's appendix \"Error Codes\", and look at the server's log.";
}

} // namespace cloakroom::inline v0::adapters::postgres::detail

#endif
