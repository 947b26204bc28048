#include "clients/web/server/http/tls.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509err.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace vigie::web {
namespace {

namespace ssl = boost::asio::ssl;

/// Strong, with forward secrecy; TLS 1.3 has its own list, which needs no help.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!eNULL:!MD5";

/// Of the protocols that a browser offers HTTP/1.1 alone is spoken here.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* in, unsigned in_size, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, out_size, kOurs, sizeof kOurs - 1, in, in_size);
  if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

/// A group of the file's own may read it, as Debian's ssl-cert does.
constexpr unsigned kOthers = 07;

/// How the file stands on the disk.
Result<struct stat> readable(std::string_view field, const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat about {};
  if (file < 0 || ::fstat(file, &about) != 0) {
    const int why = errno;
    if (file >= 0) ::close(file);
    return Fault{FaultCode::Io,
                 fmt::format("{} '{}' cannot be read: {}", field, path, std::strerror(why))};
  }
  ::close(file);
  return about;
}

/// Both files can be read, and the key by nobody whom it is not for.
Result<void> check_files(const std::string& certificate, const std::string& key) {
  if (const auto found = readable("certificate", certificate); !found) return found.fault();
  const auto found = readable("key", key);
  if (!found) return found.fault();
  if ((found->st_mode & kOthers) == 0) return {};
  return Fault{FaultCode::Invalid,
               fmt::format("key '{}': others may read or change it (mode {:04o}); do: chmod o= {}",
                           key, found->st_mode & 07777, key)};
}

Fault not_good(std::string_view field, const std::string& path,
               const boost::system::error_code& error) {
  return Fault{FaultCode::Invalid, fmt::format("{} '{}': {}", field, path, error.message())};
}

std::uint64_t mark_of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return 0;
  const auto seconds = static_cast<std::uint64_t>(found.st_mtim.tv_sec);
  const auto nanoseconds = static_cast<std::uint64_t>(found.st_mtim.tv_nsec);
  return ((seconds * 1'000'000'000 + nanoseconds) * 31 + static_cast<std::uint64_t>(found.st_ino)) |
         1u;
}

}  // namespace

Result<std::shared_ptr<ssl::context>> open_tls(const std::string& certificate,
                                               const std::string& key) {
  if (const Result<void> good = check_files(certificate, key); !good) return good.fault();
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  boost::system::error_code error;
  // Nobody sits at a terminal to type one.
  context->set_password_callback([](std::size_t, ssl::context::password_purpose) { return ""; },
                                 error);
  context->use_certificate_chain_file(certificate, error);
  if (error) return not_good("certificate", certificate, error);
  context->use_private_key_file(key, ssl::context::pem, error);
  SSL_CTX* raw = context->native_handle();
  const bool mismatch = error ? ERR_GET_REASON(static_cast<unsigned long>(error.value())) ==
                                    X509_R_KEY_VALUES_MISMATCH
                              : SSL_CTX_check_private_key(raw) != 1;
  if (mismatch) {
    return Fault{FaultCode::Invalid,
                 fmt::format("key '{}' is not the key of certificate '{}'", key, certificate)};
  }
  if (error) return not_good("key", key, error);
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(raw, kCiphers);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                               SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // A connection that rests holds no buffers.
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(raw, choose_protocol, nullptr);
  return context;
}

std::uint64_t files_mark(const std::string& certificate, const std::string& key) {
  const std::uint64_t first = mark_of(certificate);
  const std::uint64_t second = mark_of(key);
  return first == 0 || second == 0 ? 0 : first * 1'000'003 + second;
}

}  // namespace vigie::web
