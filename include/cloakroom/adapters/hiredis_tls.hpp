// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_ADAPTERS_HIREDIS_TLS_HPP
#define CLOAKROOM_ADAPTERS_HIREDIS_TLS_HPP

#include <cloakroom/core/error.hpp>

#include <csignal>
#include <ctime>
#include <hiredis/hiredis.h>
#include <memory>
#include <string>

#if __has_include(<hiredis/hiredis_ssl.h>)
#include <hiredis/hiredis_ssl.h>
#endif

namespace cloakroom::inline v0::adapters::hiredis {

/// The files of a connection by TLS, all in PEM.
struct TlsFiles {
    /// Who signed the server's certificate. hiredis does not compare the certificate's name with the host's,
    /// so this is what tells the server from a stranger: give an authority that signs nobody else's.
    std::string authority = {};
    /// What this program shows the server; both empty for a server that asks for none.
    std::string certificate = {};
    std::string key = {};
};

/// Makes connections into TLS connections. Needs hiredis 1.0 or newer.
class Tls {
public:
    /// Throws ImproperlyConfigured when hiredis is older, when there is no authority or a file cannot be
    /// used.
    explicit Tls(TlsFiles const& files);

    /// Whether the other side was found to be the right one; if not, the context says why.
    bool secure(redisContext* context) const noexcept;

private:
    std::shared_ptr<void> context_;
};

/// Keeps SIGPIPE from this thread, for writes that cannot do without it.
class WithoutSigpipe {
public:
    WithoutSigpipe() noexcept
    {
        sigset_t pending;
        sigpending(&pending);
        was_pending_ = sigismember(&pending, SIGPIPE) == 1;
        sigemptyset(&sigpipe_);
        sigaddset(&sigpipe_, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &sigpipe_, &old_);
    }
    WithoutSigpipe(WithoutSigpipe const&) = delete;
    WithoutSigpipe& operator=(WithoutSigpipe const&) = delete;
    ~WithoutSigpipe()
    {
        timespec const at_once{};
        if (!was_pending_)
            sigtimedwait(&sigpipe_, nullptr, &at_once);
        pthread_sigmask(SIG_SETMASK, &old_, nullptr);
    }

private:
    bool was_pending_ = false;
    sigset_t sigpipe_{};
    sigset_t old_{};
};

#if __has_include(<hiredis/hiredis_ssl.h>)
inline Tls::Tls(TlsFiles const& files)
{
    if (files.authority.empty())
        throw ImproperlyConfigured{
            "Redis: TLS needs tls.authority, the file with the certificate of who signed "
            "the server's."};
    static int const is_ready = redisInitOpenSSL();
    auto const text_or_null = [](std::string const& text) { return text.empty() ? nullptr : text.c_str(); };
    auto error = REDIS_SSL_CTX_NONE;
    auto* const context =
        redisCreateSSLContext(files.authority.c_str(), nullptr, text_or_null(files.certificate),
                              text_or_null(files.key), nullptr, &error);
    if (is_ready != REDIS_OK || context == nullptr)
        throw ImproperlyConfigured{std::string{"Redis: TLS cannot be used: "} +
                                   redisSSLContextGetError(error) +
                                   ". Check the files of RedisOptions::tls."};
    context_ = std::shared_ptr<void>{
        context, [](void* old) { redisFreeSSLContext(static_cast<redisSSLContext*>(old)); }};
}

inline bool Tls::secure(redisContext* context) const noexcept
{
    return redisInitiateSSLWithContext(context, static_cast<redisSSLContext*>(context_.get())) == REDIS_OK;
}
#else
inline Tls::Tls(TlsFiles const&)
{
    throw ImproperlyConfigured{
        "Redis: TLS needs hiredis 1.0 or newer, with its hiredis_ssl. Use redis:// inside "
        "a tunnel, for example stunnel's."};
}

inline bool Tls::secure(redisContext*) const noexcept
{
    return false;
}
#endif

} // namespace cloakroom::inline v0::adapters::hiredis

#endif
