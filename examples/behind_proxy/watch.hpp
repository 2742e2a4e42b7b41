// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_BEHIND_PROXY_WATCH_HPP
#define EXAMPLES_BEHIND_PROXY_WATCH_HPP

#include <cloakroom.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>

namespace behind_proxy {

// [watch]
/// Counts what requests brought that is not used, by reason. Holds no key and no data of anybody.
class Watch {
public:
    void note(cloakroom::Event const& event)
    {
        for (std::size_t i = 0; i < watched.size(); ++i)
            if (event.kind() == cloakroom::EventKind::rejected && event.reason() == watched[i].reason)
                ++counts_[i];
    }

    /// A name and a number in each line.
    std::string text() const
    {
        std::string lines;
        for (std::size_t i = 0; i < watched.size(); ++i)
            lines += std::string{watched[i].name} + ' ' + std::to_string(counts_[i]) + '\n';
        return lines;
    }

private:
    struct Watched {
        cloakroom::Reason reason;
        std::string_view name;
    };
    static constexpr std::array watched{
        Watched{cloakroom::Reason::unknown_key, "unknown_key"},
        Watched{cloakroom::Reason::unusable_key, "unusable_key"},
        Watched{cloakroom::Reason::oversize_cookie, "oversize_cookie"},
        Watched{cloakroom::Reason::duplicate_cookie, "duplicate_cookie"},
        Watched{cloakroom::Reason::bad_signature, "bad_signature"},
        Watched{cloakroom::Reason::undecodable, "undecodable"},
        Watched{cloakroom::Reason::expired, "expired"},
        Watched{cloakroom::Reason::interrupted, "interrupted"},
    };
    std::array<std::atomic<unsigned long>, watched.size()> counts_{};
};
// [/watch]

} // namespace behind_proxy

#endif
