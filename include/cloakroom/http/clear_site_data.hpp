// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HTTP_CLEAR_SITE_DATA_HPP
#define CLOAKROOM_HTTP_CLEAR_SITE_DATA_HPP

#include <cloakroom/http/outcome.hpp>

namespace cloakroom::inline v0::http {

/// For the response to a logout, if the program likes: makes the browser forget what it holds of the site,
/// its cached pages, cookies and storage for scripts, so that the back button shows nothing. The cookies are
/// those of the whole registered domain, other hosts' too. Browsers heed it over HTTPS alone, and may take
/// seconds for it; it comes on top of flush(), which ends the session.
inline Header clear_site_data()
{
    return {"Clear-Site-Data", R"("cache", "cookies", "storage")"};
}

} // namespace cloakroom::inline v0::http

#endif
