// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_SERVE_DROGON_HPP
#define EXAMPLES_SERVE_DROGON_HPP

// How the example on Drogon says that it listens.

#include <drogon/drogon.h>
#include <iostream>
#include <string>

namespace examples {

/// Says where the visitor finds the page, once Drogon listens. Before run().
inline void announce(std::string const& path)
{
    auto const say = [path] {
        std::cout << "Listening on http://" << drogon::app().getListeners().at(0).toIpPort() << path
                  << " (end with Ctrl+C)" << std::endl;
    };
    // The step that follows the advices on this loop makes the other one listen.
    drogon::app().registerBeginningAdvice([say] {
        drogon::app().getLoop()->queueInLoop([say] { drogon::app().getIOLoop(0)->queueInLoop(say); });
    });
}

} // namespace examples

#endif
