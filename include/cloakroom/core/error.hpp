// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_ERROR_HPP
#define CLOAKROOM_CORE_ERROR_HPP

#include <stdexcept>
#include <string>
#include <string_view>

namespace cloakroom::inline v0 {

/// Base of everything that the library throws. No text of it holds a key, a secret or a value of the session.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The programmer asked for an item that the session does not have (S-021, S-024, S-025). The session is
/// unchanged.
class KeyError : public Error {
public:
    using Error::Error;
};

/// Throws the KeyError for the item of that path.
[[noreturn]] inline void missing_item(std::string_view path)
{
    throw KeyError{"no item '" + std::string{path} + "'"};
}

/// A value has another type than asked for, or cannot be stored. Names the path, the stored and the wanted
/// type.
class TypeError : public Error {
public:
    using Error::Error;
};

/// A text does not have the form that its reader needs: a moment in ISO 8601 (S-084), a stored password
/// (S-712). Or a password, salt or cost is not one that a hasher takes.
class ValueError : public Error {
public:
    using Error::Error;
};

/// A setting or an argument of a policy is wrong. Names the setting. Thrown while the program starts.
class ImproperlyConfigured : public Error {
public:
    using Error::Error;
};

/// The store itself is broken: unreachable, full, locked, of another shape. The text says what to do.
/// Never thrown for a record that is absent, expired or changed by somebody else; those are answers.
class StorageError : public Error {
public:
    using Error::Error;
};

/// The session does not fit where it has to be kept, such as a cookie. Names the size and the limit. Nothing
/// was written.
class SizeError : public Error {
public:
    using Error::Error;
};

/// save(must_create) met an existing record (S-104).
class CreateError : public Error {
public:
    using Error::Error;
};

/// save() found no record to update (S-105). Nothing was written.
class UpdateError : public Error {
public:
    using Error::Error;
};

/// The session was ended elsewhere before this request could save it: a logout, an expiry, a new key.
/// The middleware answers 400 (S-311).
class SessionInterrupted : public UpdateError {
public:
    using UpdateError::UpdateError;
};

/// Other requests kept changing the session until Settings::commit_deadline ran out, or changed a field whose
/// rule is `reject`. Nothing was written; try again in a new request.
class ConflictError : public Error {
public:
    using Error::Error;
};

} // namespace cloakroom::inline v0

#endif
