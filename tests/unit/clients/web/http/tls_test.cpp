// TLS: what is spoken, and a certificate that is replaced while the server runs.

#include <gmock/gmock.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>

#include "clients/web/server/http/server.h"
#include "tests/unit/clients/web/http/room.h"

namespace vigie::web::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// A key and a certificate that it signed itself, as PEM files.
void make_certificate(const fs::path& folder, const std::string& name) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, subject);
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  std::FILE* file = std::fopen((folder / "web.pem").c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen((folder / "web.key").c_str(), "w");
  ::fchmod(::fileno(file), 0600);
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

/// What one request by TLS brings; empty when no TLS was agreed upon.
struct Said {
  std::string answer = {};
  std::string subject = {};
  std::string version = {};
  std::string protocol = {};
};

Said ask(std::uint16_t port, int version_max, const std::string& target = "/hello") {
  Said said;
  Bare bare(port);
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_max_proto_version(context, version_max);
  SSL* tls = SSL_new(context);
  const unsigned char protocols[] = "\x02h2\x08http/1.1";
  SSL_set_alpn_protos(tls, protocols, sizeof protocols - 1);
  SSL_set_fd(tls, bare.descriptor());
  if (SSL_connect(tls) == 1) {
    char name[100] = {};
    X509* shown = SSL_get1_peer_certificate(tls);
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown), NID_commonName, name, sizeof name);
    X509_free(shown);
    said.subject = name;
    said.version = SSL_get_version(tls);
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(tls, &chosen, &size);
    said.protocol.assign(reinterpret_cast<const char*>(chosen), size);
    const std::string request = get(target, "Connection: close\r\n");
    SSL_write(tls, request.data(), static_cast<int>(request.size()));
    char bytes[4096];
    for (int got = 0; (got = SSL_read(tls, bytes, sizeof bytes)) > 0;) {
      said.answer.append(bytes, static_cast<std::size_t>(got));
    }
  }
  SSL_free(tls);
  SSL_CTX_free(context);
  return said;
}

class Tls : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string path = (fs::temp_directory_path() / "vigie-tls-XXXXXX").string();
    ASSERT_NE(::mkdtemp(path.data()), nullptr);
    folder = path;
    make_certificate(folder, "first");
    options.certificate = (folder / "web.pem").string();
    options.key = (folder / "web.key").string();
    options.certificate_check = std::chrono::milliseconds(20);
  }
  void TearDown() override { fs::remove_all(folder); }
  fs::path folder;
  HttpOptions options;
};

TEST_F(Tls, SpeaksTheNewVersionsAndHttp11) {
  Room room(options);
  const Said said = ask(room.server->port(), TLS1_3_VERSION);
  EXPECT_EQ(said.version, "TLSv1.3");
  EXPECT_EQ(said.protocol, "http/1.1");
  EXPECT_THAT(said.answer, HasSubstr("GET /hello from 127.0.0.1 secure localhost"));
  EXPECT_THAT(said.answer, HasSubstr("Strict-Transport-Security: max-age="));
  EXPECT_EQ(ask(room.server->port(), TLS1_2_VERSION).version, "TLSv1.2");
  EXPECT_EQ(ask(room.server->port(), TLS1_1_VERSION).version, "");
  EXPECT_EQ(room.counters().handshakes_failed, 1u);
}

/// Beast joins a head with a small body, and sends a large one behind it.
TEST_F(Tls, ABodyOfAnySizeIsWhole) {
  Room room(options);
  for (const std::size_t size : {0u, 1u, 15'000u, 16'384u, 17'000u, 65'536u, 1'000'000u}) {
    const std::string answer =
        ask(room.server->port(), TLS1_3_VERSION, "/hello?size=" + std::to_string(size)).answer;
    const std::size_t head = answer.find("\r\n\r\n") + 4;
    EXPECT_EQ(answer.size() - head, size);
    EXPECT_EQ(answer.find_first_not_of('s', head), std::string::npos);
  }
}

TEST_F(Tls, PlainHttpOnItsPortIsNoHandshake) {
  Room room(options);
  Bare bare(room.server->port());
  bare.say(get("/")).rest();
  EXPECT_TRUE(room.becomes([](const HttpCounters& now) { return now.handshakes_failed == 1; }));
}

TEST_F(Tls, AReplacedCertificateIsUsedWithoutARestart) {
  Room room(options);
  EXPECT_EQ(ask(room.server->port(), TLS1_3_VERSION).subject, "first");
  make_certificate(folder, "second");
  EXPECT_TRUE(room.becomes([](const HttpCounters& now) { return now.certificates >= 1; }));
  EXPECT_EQ(ask(room.server->port(), TLS1_3_VERSION).subject, "second");
}

TEST_F(Tls, ABadReplacementIsToldAndTheOldOneStays) {
  std::promise<std::string> told;
  options.warn = [&, once = false](std::string_view sentence) mutable {
    if (!std::exchange(once, true)) told.set_value(std::string(sentence));
  };
  Room room(options);
  std::FILE* file = std::fopen(options.key.c_str(), "w");
  std::fputs("not a key", file);
  std::fclose(file);
  EXPECT_THAT(told.get_future().get(), HasSubstr("web.key"));
  EXPECT_EQ(ask(room.server->port(), TLS1_3_VERSION).subject, "first");
}

TEST_F(Tls, FilesThatDoNotFitAreNamed) {
  fs::create_directory(folder / "other");
  make_certificate(folder / "other", "other");
  HttpOptions mixed = options;
  mixed.key = (folder / "other/web.key").string();
  EXPECT_THAT(HttpServer::check(mixed).fault().sentence, HasSubstr("is not the key of"));
  mixed.key = (folder / "none.key").string();
  EXPECT_EQ(HttpServer::check(mixed).fault().code, FaultCode::Io);
  mixed.key.clear();
  EXPECT_THAT(HttpServer::check(mixed).fault().sentence, HasSubstr("given together"));
}

TEST_F(Tls, AKeyThatOthersMayReadIsRefusedWithWhatToDo) {
  for (const mode_t mode : {0644u, 0604u, 0602u}) {
    ASSERT_EQ(::chmod(options.key.c_str(), mode), 0);
    const auto checked = HttpServer::check(options);
    ASSERT_FALSE(checked) << std::oct << mode;
    EXPECT_EQ(checked.fault().code, FaultCode::Invalid);
    EXPECT_THAT(checked.fault().sentence, HasSubstr("others may read or change it"));
    EXPECT_THAT(checked.fault().sentence, HasSubstr("do: chmod o= " + options.key));
  }
}

TEST_F(Tls, AKeyMayBeReadByItsGroup) {
  for (const mode_t mode : {0600u, 0400u, 0640u}) {
    ASSERT_EQ(::chmod(options.key.c_str(), mode), 0);
    EXPECT_TRUE(HttpServer::check(options)) << std::oct << mode;
  }
}

}  // namespace
}  // namespace vigie::web::test
