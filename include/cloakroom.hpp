// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HPP
#define CLOAKROOM_HPP

// Everything that needs no optional library. The rest, each in a header of its own: storage/sqlite.hpp,
// storage/postgres.hpp, storage/redis.hpp, storage/memcached.hpp, auth/sqlite_users.hpp,
// auth/sqlite_revocation.hpp, auth/httplib.hpp, http/httplib.hpp, http/beast.hpp, http/fastcgi.hpp,
// http/drogon.hpp, http/crow.hpp, serializer/cereal.hpp, serializer/cereal_portable_binary.hpp and
// serializer/cereal_xml.hpp, and testing/ for authors of policies.

// In this order compilers name the fewest files on their way to a mistake.

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/conversion.hpp>
#include <cloakroom/core/dict.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/limits.hpp>
#include <cloakroom/core/secret.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/core/version.hpp>

#include <cloakroom/storage/cached.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/storage/file.hpp>
#include <cloakroom/storage/hashed_keys.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/signed_cookie.hpp>

#include <cloakroom/serializer/concept.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/serializer/struct.hpp>

#include <cloakroom/signer/aead.hpp>
#include <cloakroom/signer/concept.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/signer/signing.hpp>
#include <cloakroom/signer/unsigned.hpp>

#include <cloakroom/session/backend.hpp>
#include <cloakroom/session/check.hpp>
#include <cloakroom/session/checked.hpp>
#include <cloakroom/session/event.hpp>
#include <cloakroom/session/expiry.hpp>
#include <cloakroom/session/field.hpp>
#include <cloakroom/session/read_only_session.hpp>
#include <cloakroom/session/rules.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/session/settings.hpp>

#include <cloakroom/http/cgi.hpp>
#include <cloakroom/http/clear_site_data.hpp>
#include <cloakroom/http/cookie_parser.hpp>
#include <cloakroom/http/date.hpp>
#include <cloakroom/http/describe.hpp>
#include <cloakroom/http/middleware.hpp>
#include <cloakroom/http/set_cookie.hpp>
#include <cloakroom/http/vary.hpp>

#include <cloakroom/auth/backend.hpp>
#include <cloakroom/auth/check.hpp>
#include <cloakroom/auth/csrf.hpp>
#include <cloakroom/auth/describe.hpp>
#include <cloakroom/auth/memory_revocation.hpp>
#include <cloakroom/auth/memory_users.hpp>
#include <cloakroom/auth/messages.hpp>
#include <cloakroom/auth/password.hpp>
#include <cloakroom/auth/revocation.hpp>
#include <cloakroom/auth/session_auth_hash.hpp>
#include <cloakroom/auth/session_items.hpp>
#include <cloakroom/auth/user_store.hpp>

#endif
