#include "clients/web/server/accounts/keeper.h"

#include <algorithm>

#include "clients/web/server/accounts/cookies.h"
#include "clients/web/server/accounts/secrets.h"

namespace vigie::web::people {
namespace {

constexpr std::string_view kOpenSession = "open";
/// Secrets are shorter; a longer one is not hashed.
constexpr std::size_t kTokenBytesMax = 128;

Fault nobody(std::string sentence) {
  return {FaultCode::Invalid, std::move(sentence)};
}

bool changes_nothing(const Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

std::int64_t us_of(std::chrono::seconds time) {
  return time.count() * kMicrosecondsPerSecond;
}

}  // namespace

std::string identity_path(const std::string& folder, const std::string& account) {
  return folder + "/identities/" + account + ".key";
}

Keeper::Keeper(const AccountsOptions& options, const Clock& clock, AccountsCounters& counters)
    : options_(options), clock_(clock), counters_(counters) {}

std::int64_t Keeper::seen_us(const Session& session) const {
  const auto found = seen_.find(session.id);
  return found == seen_.end() ? session.seen_us : std::max(session.seen_us, found->second);
}

bool Keeper::is_valid(const Session& session) const {
  const Account* account = book_->account(session.account);
  if (account == nullptr || account->disabled || account->refused) return false;
  const std::int64_t now_us = clock_.utc_us();
  if (session.ends_us <= now_us) return false;
  return session.kind == SessionKind::Token || seen_us(session) + us_of(options_.idle) > now_us;
}

const Session* Keeper::by_cookie(const Request& request) const {
  const auto token = request.cookie(cookie_name(request.secure));
  if (!token || token->empty() || token->size() > kTokenBytesMax) return nullptr;
  const Session* session = book_->session(digest_of(*token));
  const bool opens =
      session != nullptr && session->kind == SessionKind::Browser && is_valid(*session);
  return opens ? session : nullptr;
}

Result<Shown> Keeper::by_bearer(const Request& request, std::string_view header) {
  constexpr std::string_view kScheme = "bearer ";
  std::string scheme(header.substr(0, kScheme.size()));
  for (char& c : scheme) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  if (scheme != kScheme) {
    return nobody("Authorization is of another kind: send 'Bearer TOKEN' with an API token");
  }
  if (!is_private(request)) {
    return nobody("the token came in the clear over a network: end it, and use https");
  }
  const std::string_view token = header.substr(kScheme.size());
  const Session* session =
      token.size() > kTokenBytesMax ? nullptr : book_->session(digest_of(token));
  if (session == nullptr || session->kind != SessionKind::Token || !is_valid(*session)) {
    return nobody("this API token is not known, or over: make another one in your account");
  }
  return Shown{.account = book_->account(session->account), .session = session};
}

Result<Shown> Keeper::find(const Request& request) {
  Shown shown;
  if (const auto header = request.header("authorization")) {
    Result<Shown> by = by_bearer(request, *header);
    if (!by) return by;
    shown = std::move(*by);
  } else {
    const Session* session = by_cookie(request);
    if (session == nullptr) return nobody("sign in first");
    shown = {.account = book_->account(session->account),
             .session = session,
             .csrf = csrf_of(*request.cookie(cookie_name(request.secure)))};
    const auto given = request.header("x-vigie-csrf");
    if (!changes_nothing(request) && !(given && same_secret(*given, shown.csrf))) {
      ++counters_.refused_csrf;
      return nobody(
          "X-Vigie-CSRF is missing or wrong: send what GET /api/v1/session tells as csrf");
    }
  }
  const std::int64_t now_us = clock_.utc_us();
  seen_[shown.session->id] = now_us;
  unwritten_[shown.session->id] = now_us;
  return shown;
}

Viewer Keeper::viewer(const Shown& shown) const {
  const Account& account = *shown.account;
  const bool token = shown.session->kind == SessionKind::Token;
  Viewer viewer{.account = account.name,
                .name = account.identity,
                .session = shown.session->id,
                .may_send = may_send(account) && (!token || shown.session->may_send),
                .administrator = account.administrator && !token};
  if (!account.identity.empty()) {
    viewer.identity_path = identity_path(options_.folder, account.name);
  }
  return viewer;
}

Result<Viewer> Keeper::viewer_of(const Request& request) {
  if (everybody_ && request.relayed) {
    return nobody("this server is open, for its own machine alone, and a proxy passed this on");
  }
  if (everybody_) return *everybody_;
  const Result<Shown> shown = find(request);
  if (!shown) return shown.fault();
  return viewer(*shown);
}

std::uint64_t Keeper::watch(const std::string& session, std::function<void()> ended) {
  watches_.emplace(++watches_made_, Watch{.session = session, .ended = std::move(ended)});
  return watches_made_;
}

void Keeper::unwatch(std::uint64_t number) {
  watches_.erase(number);
}

void Keeper::set_book(std::shared_ptr<const Book> book) {
  book_ = std::move(book);
  by_id_.clear();
  for (const auto& [digest, session] : book_->sessions) by_id_.emplace(session.id, &session);
  std::erase_if(seen_, [&](const auto& entry) { return !by_id_.contains(entry.first); });
  std::erase_if(unwritten_, [&](const auto& entry) { return !by_id_.contains(entry.first); });
  tell_ended();
}

void Keeper::tick() {
  const std::int64_t now_us = clock_.utc_us();
  for (const auto& [number, watch] : watches_) {
    const auto found = by_id_.find(watch.session);
    if (found == by_id_.end() || !is_valid(*found->second)) continue;
    seen_[watch.session] = now_us;
    unwritten_[watch.session] = now_us;
  }
  tell_ended();
}

void Keeper::tell_ended() {
  std::vector<std::function<void()>> ended;
  for (auto watch = watches_.begin(); watch != watches_.end();) {
    const auto found = by_id_.find(watch->second.session);
    const bool stands = (everybody_ && watch->second.session == kOpenSession) ||
                        (found != by_id_.end() && is_valid(*found->second));
    if (stands) {
      ++watch;
      continue;
    }
    ended.push_back(std::move(watch->second.ended));
    watch = watches_.erase(watch);
  }
  // Whoever is told may watch and unwatch.
  for (const std::function<void()>& tell : ended) tell();
}

std::vector<std::pair<std::string, std::int64_t>> Keeper::take_seen() {
  std::vector<std::pair<std::string, std::int64_t>> seen(unwritten_.begin(), unwritten_.end());
  unwritten_.clear();
  return seen;
}

}  // namespace vigie::web::people
