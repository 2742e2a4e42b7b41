// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_SQLITE_POOL_HPP
#define CLOAKROOM_STORAGE_SQLITE_POOL_HPP

#include <cloakroom/adapters/sqlite.hpp>
#include <cloakroom/core/fork.hpp>
#include <cloakroom/core/pool.hpp>
#include <cloakroom/storage/sqlite_options.hpp>

#include <memory>
#include <string>
#include <utility>

namespace cloakroom::inline v0::storage::detail {

/// The connections of one store that nobody uses now, none of them inherited from a parent process. A Client
/// is made of path and options, and has a connection().
template <class Client>
class SqlitePool {
public:
    SqlitePool(std::string path, SqliteOptions options)
        : pool_([path = std::move(path), options] { return std::make_unique<Client>(path, options); })
    {
    }

    /// Answers `operation(client)`, with a connection that nobody else uses meanwhile. One that failed is
    /// closed.
    template <class Operation>
    auto use(Operation operation)
    {
        auto client = pool_.lease_unless([](Client& each) { return each.connection().inherited(); });
        try {
            return operation(*client);
        } catch (...) {
            client.discard();
            throw;
        }
    }

private:
    Pool<Client, 64> pool_;
    // SQLite's locks belong to the process, but it would believe in the child that it held them there, too.
    BeforeFork close_idle_{[this] { pool_.clear(); }};
};

/// The path by which a store opens its file again and again. Of a file it is the absolute name, which leads
/// to it also after the program has changed its folder; a URI stays as it is. A Client is made and destroyed,
/// which makes the file if it is not there. Throws what that throws.
template <class Client>
std::string lasting_sqlite_path(std::string const& path, SqliteOptions const& options)
{
    auto file = Client{path, options}.connection().file();
    return adapters::sqlite::is_uri(path) ? path : file;
}

} // namespace cloakroom::inline v0::storage::detail

#endif
