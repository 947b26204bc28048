#include "tests/bench/curve.h"

#include <endian.h>
#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace vigie::bench {
namespace {

static_assert(CurveBox::kExtraBytes == 8 + 8 + crypto_box_MACBYTES + 1);

constexpr std::string_view kHello{"\x05HELLO", 6};
constexpr std::string_view kWelcome{"\x07WELCOME", 8};
constexpr std::string_view kInitiate{"\x08INITIATE", 9};
constexpr std::string_view kReady{"\x05READY", 6};
constexpr std::string_view kMessage{"\x07MESSAGE", 8};
constexpr std::size_t kShortNonce = 8;
constexpr std::size_t kLongNonce = 16;
constexpr std::size_t kCookieBytes = 96;
constexpr std::size_t kMac = crypto_box_MACBYTES;
constexpr std::size_t kKeyBytes = 32;

using Nonce = std::array<unsigned char, crypto_box_NONCEBYTES>;

unsigned char* bytes_at(std::string& text, std::size_t at) {
  return reinterpret_cast<unsigned char*>(text.data()) + at;
}
const unsigned char* bytes_at(std::string_view text, std::size_t at = 0) {
  return reinterpret_cast<const unsigned char*>(text.data()) + at;
}

std::string_view text_of_key(const CurveBox::Key& key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

/// The prefix, and what stands in the command.
Nonce nonce_of(std::string_view prefix, std::string_view rest) {
  Nonce nonce{};
  std::memcpy(nonce.data(), prefix.data(), prefix.size());
  std::memcpy(nonce.data() + prefix.size(), rest.data(), rest.size());
  return nonce;
}

/// A number as it stands in a command.
std::string written(std::uint64_t number) {
  const std::uint64_t big = htobe64(number);
  return {reinterpret_cast<const char*>(&big), sizeof big};
}

std::uint64_t number_at(std::string_view bytes) {
  std::uint64_t big = 0;
  std::memcpy(&big, bytes.data(), sizeof big);
  return be64toh(big);
}

/// Of a MESSAGE that is long enough.
std::string_view number_of(std::string_view message) {
  return message.substr(kMessage.size(), kShortNonce);
}

Nonce message_nonce(char side, std::string_view number) {
  constexpr std::string_view kPrefix = "CurveZMQMESSAGE";
  Nonce nonce{};
  std::memcpy(nonce.data(), kPrefix.data(), kPrefix.size());
  nonce[kPrefix.size()] = static_cast<unsigned char>(side);
  std::memcpy(nonce.data() + kPrefix.size() + 1, number.data(), number.size());
  return nonce;
}

void append_box(std::string& to, std::string_view plain, const Nonce& nonce,
                const CurveBox::Key& receiver, const CurveBox::Key& sender_secret) {
  const std::size_t at = to.size();
  to.resize(at + plain.size() + kMac);
  // Fails for keys of low order alone; the other side then cannot open it either.
  if (crypto_box_easy(bytes_at(to, at), bytes_at(plain), plain.size(), nonce.data(),
                      receiver.data(), sender_secret.data()) != 0) {
    std::fill(to.begin() + static_cast<std::ptrdiff_t>(at), to.end(), '\0');
  }
}

CurveBox::Key copied(std::span<const unsigned char, kKeyBytes> bytes) {
  CurveBox::Key key{};
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

Fault not_theirs(std::string_view command) {
  return {FaultCode::Damaged, "the server's " + std::string(command.substr(1)) + " does not open"};
}

}  // namespace

CurveBox::~CurveBox() {
  sodium_memzero(shared_.data(), shared_.size());
}

void CurveBox::seal(std::string& to, std::uint64_t nonce, unsigned char flags,
                    std::string_view body) const {
  const std::size_t at = to.size();
  const std::size_t sealed_at = at + kMessage.size() + kShortNonce;
  const std::string number = written(nonce);
  to.reserve(at + kExtraBytes + body.size());
  to += kMessage;
  to += number;
  to.append(kMac, '\0');
  to += static_cast<char>(flags);
  to += body;
  // In place: the plain bytes lie where the sealed ones will.
  crypto_box_easy_afternm(bytes_at(to, sealed_at), bytes_at(to, sealed_at + kMac), body.size() + 1,
                          message_nonce(ours_, number).data(), shared_.data());
}

bool CurveBox::comes_next(std::string_view message) const {
  return message.size() >= kExtraBytes && message.starts_with(kMessage) &&
         number_at(number_of(message)) > came_;
}

std::optional<CurveBox::Peeked> CurveBox::peek(std::string_view message) {
  if (!comes_next(message)) return std::nullopt;
  came_ = number_at(number_of(message));
  return Peeked(*this, message);
}

CurveBox::Peeked::Peeked(const CurveBox& box, std::string_view message)
    : box_(box),
      sealed_(message.substr(kMessage.size() + kShortNonce + kMac)),
      nonce_(message_nonce(box.theirs_, number_of(message))) {}

unsigned char CurveBox::Peeked::flags() const {
  unsigned char flags = 0;
  decipher(&flags, 0, 1);
  return flags;
}

void CurveBox::Peeked::copy(void* to, std::size_t at, std::size_t bytes) const {
  decipher(static_cast<unsigned char*>(to), at + 1, bytes);
}

/// The sealed bytes lie in the cipher's stream behind the 32 bytes that are the proof's key, and
/// the stream can be had from each of its blocks on.
void CurveBox::Peeked::decipher(unsigned char* to, std::size_t at, std::size_t bytes) const {
  constexpr std::size_t kBlock = 64;
  constexpr std::size_t kProofKey = 32;
  std::array<unsigned char, 4 * kBlock> stream{};
  while (bytes > 0) {
    const std::size_t place = kProofKey + at;
    const std::size_t before = place % kBlock;
    const std::size_t count = std::min(bytes, stream.size() - before);
    std::memset(stream.data(), 0, before);
    std::memcpy(stream.data() + before, sealed_.data() + at, count);
    crypto_stream_xsalsa20_xor_ic(stream.data(), stream.data(), before + count, nonce_.data(),
                                  place / kBlock, box_.shared_.data());
    std::memcpy(to, stream.data() + before, count);
    to += count;
    at += count;
    bytes -= count;
  }
}

std::optional<CurveBox::Opened> CurveBox::open(std::string_view message) {
  if (!comes_next(message)) return std::nullopt;
  const std::string_view number = number_of(message);
  const std::string_view sealed = message.substr(kMessage.size() + kShortNonce);
  const std::size_t plain_bytes = sealed.size() - kMac;
  if (opened_.size() < plain_bytes) opened_.resize(plain_bytes);
  if (crypto_box_open_easy_afternm(opened_.data(), bytes_at(sealed), sealed.size(),
                                   message_nonce(theirs_, number).data(), shared_.data()) != 0) {
    return std::nullopt;
  }
  came_ = number_at(number);
  return Opened{opened_[0], {reinterpret_cast<const char*>(opened_.data()) + 1, plain_bytes - 1}};
}

Result<CurveClient> CurveClient::make(const CurveKeys& keys) {
  auto server = key_bytes(keys.server);
  if (!server) return server.fault();
  auto own = key_bytes(keys.own.key);
  if (!own) return own.fault();
  CurveClient client;
  client.server_ = *server;
  client.own_ = *own;
  client.own_secret_ = keys.own.secret;
  crypto_box_keypair(client.short_.data(), client.short_secret_.data());
  return client;
}

CurveClient::~CurveClient() {
  sodium_memzero(short_secret_.data(), short_secret_.size());
  sodium_memzero(shared_.data(), shared_.size());
}

std::string CurveClient::hello() {
  constexpr std::size_t kPaddingBytes = 72;
  constexpr std::size_t kSignedBytes = 64;
  const std::string number = written(nonce_++);
  std::string command(kHello);
  command += std::string_view("\1\0", 2);  // the version
  command.append(kPaddingBytes, '\0');
  command += text_of_key(short_);
  command += number;
  append_box(command, std::string(kSignedBytes, '\0'), nonce_of("CurveZMQHELLO---", number),
             server_, short_secret_);
  return command;
}

std::string CurveClient::vouch(const Key& server_short) const {
  std::string number(kLongNonce, '\0');
  randombytes_buf(number.data(), number.size());
  std::string plain(text_of_key(short_));
  plain += text_of_key(server_);
  Key secret = copied(own_secret_.bytes());
  std::string made = number;
  append_box(made, plain, nonce_of("VOUCH---", number), server_short, secret);
  sodium_memzero(secret.data(), secret.size());
  return made;
}

Result<std::string> CurveClient::initiate(std::string_view welcome, std::string_view metadata) {
  constexpr std::size_t kPlainBytes = kKeyBytes + kCookieBytes;
  const std::size_t head = kWelcome.size() + kLongNonce;
  if (welcome.size() != head + kMac + kPlainBytes || !welcome.starts_with(kWelcome)) {
    return not_theirs(kWelcome);
  }
  std::array<unsigned char, kPlainBytes> plain{};
  const Nonce nonce = nonce_of("WELCOME-", welcome.substr(kWelcome.size(), kLongNonce));
  if (crypto_box_open_easy(plain.data(), bytes_at(welcome, head), kMac + kPlainBytes, nonce.data(),
                           server_.data(), short_secret_.data()) != 0) {
    return not_theirs(kWelcome);
  }
  const Key server_short = copied(std::span(plain).first<kKeyBytes>());
  if (crypto_box_beforenm(shared_.data(), server_short.data(), short_secret_.data()) != 0) {
    return not_theirs(kWelcome);
  }
  box_.emplace(shared_, 'C', 'S');
  const std::string number = written(nonce_++);
  std::string command(kInitiate);
  command.append(reinterpret_cast<const char*>(plain.data()) + kKeyBytes, kCookieBytes);
  command += number;
  std::string said(text_of_key(own_));
  said += vouch(server_short);
  said += metadata;
  append_box(command, said, nonce_of("CurveZMQINITIATE", number), server_short, short_secret_);
  return command;
}

Result<void> CurveClient::take_ready(std::string_view ready) {
  const std::size_t head = kReady.size() + kShortNonce;
  if (!box_ || ready.size() < head + kMac || !ready.starts_with(kReady)) return not_theirs(kReady);
  const std::string_view number = ready.substr(kReady.size(), kShortNonce);
  const Nonce nonce = nonce_of("CurveZMQREADY---", number);
  std::vector<unsigned char> metadata(ready.size() - head - kMac + 1);
  if (crypto_box_open_easy_afternm(metadata.data(), bytes_at(ready, head), ready.size() - head,
                                   nonce.data(), shared_.data()) != 0) {
    return not_theirs(kReady);
  }
  box_->set_came(number_at(number));
  ready_ = true;
  return {};
}

}  // namespace vigie::bench
