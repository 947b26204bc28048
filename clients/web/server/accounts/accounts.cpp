#include "clients/web/server/accounts/accounts.h"

#include <algorithm>
#include <array>
#include <optional>

#include "clients/web/server/accounts/endpoints.h"
#include "clients/web/server/accounts/identities.h"
#include "schemas/keys/key_file.h"

namespace vigie::web {

using namespace people;  // NOLINT: this file is its face

namespace {

enum class For { Everybody, SignedIn, Administrators };

struct Route {
  std::string_view method;
  std::string_view path;  // below /api/v1; '*' stands for one segment
  For whom;
  void (*run)(Call);
};

constexpr std::string_view kRoot = "/api/v1";
constexpr std::array kRoutes = {
    Route{"GET", "/session", For::Everybody, tell_session},
    Route{"POST", "/session", For::Everybody, sign_in},
    Route{"DELETE", "/session", For::SignedIn, sign_out},
    Route{"DELETE", "/session/all", For::SignedIn, sign_out_everywhere},
    Route{"POST", "/session/link", For::Everybody, look_at_link},
    Route{"POST", "/session/join", For::Everybody, join_by_link},
    Route{"GET", "/account", For::SignedIn, tell_account},
    Route{"PATCH", "/account", For::SignedIn, change_own_account},
    Route{"PUT", "/account/password", For::SignedIn, change_password},
    Route{"POST", "/account/totp", For::SignedIn, begin_totp},
    Route{"PUT", "/account/totp", For::SignedIn, confirm_totp},
    Route{"POST", "/account/totp/off", For::SignedIn, end_totp},
    Route{"GET", "/account/sessions", For::SignedIn, list_sessions},
    Route{"DELETE", "/account/sessions/*", For::SignedIn, end_own_session},
    Route{"GET", "/tokens", For::SignedIn, list_tokens},
    Route{"POST", "/tokens", For::SignedIn, make_token_of_account},
    Route{"DELETE", "/tokens/*", For::SignedIn, end_token},
    Route{"GET", "/accounts", For::Administrators, list_accounts},
    Route{"POST", "/accounts", For::Administrators, add_account},
    Route{"PATCH", "/accounts/*", For::Administrators, change_account},
    Route{"DELETE", "/accounts/*", For::Administrators, remove_account_of},
    Route{"POST", "/accounts/*/link", For::Administrators, link_account},
    Route{"POST", "/accounts/*/sign-out", For::Administrators, sign_out_account},
};

/// What stands in the place of '*', empty where there is none; nothing where it is another path.
std::optional<std::string> matched(std::string_view pattern, std::string_view path) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) {
    if (path != pattern) return {};
    return std::string();
  }
  const std::string_view before = pattern.substr(0, star);
  const std::string_view after = pattern.substr(star + 1);
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) ||
      !path.ends_with(after)) {
    return {};
  }
  const std::string_view rest =
      path.substr(before.size(), path.size() - before.size() - after.size());
  if (rest.find('/') != std::string_view::npos) return {};
  return std::string(rest);
}

/// The viewer that everybody is.
Result<Viewer> open_viewer(const AccountsOptions& options) {
  Viewer viewer{.session = "open", .may_send = true, .open = true};
  if (options.identity.empty()) return viewer;
  const Result<KeyFile> file = read_key_file(options.identity);
  if (!file) return file.fault();
  viewer.name = file->name;
  viewer.identity_path = options.identity;
  viewer.may_send = may_send(Account{.identity = file->name, .role = file->role});
  return viewer;
}

void refuse_method(const Call& call, const std::string& allowed) {
  Response response = problem(405, "wrong_method", "method is not one of " + allowed);
  response.headers.emplace_back("Allow", allowed);
  call.respond(std::move(response));
}

/// Fills in who asks. False: it was answered.
bool let_in(Call& call, For whom) {
  if (whom == For::Everybody) return true;
  Keeper& keeper = call.desk->keeper;
  if (keeper.everybody()) {
    refuse(call, 403, "open", "this server is open: it has no accounts");
    return false;
  }
  const auto shown = keeper.find(*call.request);
  if (!shown) {
    const bool csrf = shown.fault().sentence.starts_with("X-Vigie-CSRF");
    refuse(call, csrf ? 403 : 401, csrf ? "csrf" : "sign_in", shown.fault().sentence);
    return false;
  }
  if (shown->session->kind == SessionKind::Token) {
    refuse(call, 403, "token", "an API token does not manage accounts: sign in");
    return false;
  }
  if (whom == For::Administrators && !shown->account->administrator) {
    refuse(call, 403, "administrators", "this is for administrators of accounts");
    return false;
  }
  call.account = *shown->account;
  call.session = *shown->session;
  call.csrf = shown->csrf;
  return true;
}

}  // namespace

class Accounts::Inner {
 public:
  std::shared_ptr<Desk> desk;
};

Accounts::Accounts(std::shared_ptr<Inner> inner) : inner_(std::move(inner)) {}

Accounts::~Accounts() {
  inner_->desk->stop();
}

Result<std::unique_ptr<Accounts>> Accounts::open(Net& net, AccountsOptions options,
                                                 const Clock& clock) {
  std::optional<Viewer> everybody;
  if (options.open) {
    Result<Viewer> viewer = open_viewer(options);
    if (!viewer) return viewer.fault();
    everybody = std::move(*viewer);
  }
  auto inner = std::make_shared<Inner>();
  inner->desk = std::make_shared<Desk>(net, std::move(options), clock);
  if (everybody) inner->desk->keeper.open_to_all(std::move(*everybody));
  if (Result<void> started = inner->desk->start(); !started) return started.fault();
  return std::unique_ptr<Accounts>(new Accounts(std::move(inner)));
}

Gate& Accounts::gate() {
  return inner_->desk->keeper;
}

AccountsCounters Accounts::counters() const {
  return inner_->desk->counters;
}

bool Accounts::handles(std::string_view path) {
  for (const std::string_view root : {"/session", "/account", "/accounts", "/tokens"}) {
    if (!path.starts_with(kRoot) || !path.substr(kRoot.size()).starts_with(root)) continue;
    const std::string_view rest = path.substr(kRoot.size() + root.size());
    if (rest.empty() || rest.front() == '/') return true;
  }
  return false;
}

std::vector<std::pair<std::string, std::string>> Accounts::endpoints() {
  std::vector<std::pair<std::string, std::string>> all;
  for (const Route& route : kRoutes) {
    all.emplace_back(route.method, std::string(kRoot) + std::string(route.path));
  }
  return all;
}

void Accounts::handle(std::shared_ptr<const Request> request, Respond respond) {
  Call call{.desk = inner_->desk, .request = std::move(request), .respond = std::move(respond)};
  const std::string_view path = std::string_view(call.request->path).substr(kRoot.size());
  const std::string_view method =
      call.request->method == "HEAD" ? std::string_view("GET") : call.request->method;
  std::string allowed;
  for (const Route& route : kRoutes) {
    const auto rest = matched(route.path, path);
    if (!rest) continue;
    if (route.method == method) {
      call.rest = *rest;
      if (let_in(call, route.whom)) route.run(std::move(call));
      return;
    }
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  if (!allowed.empty()) return refuse_method(call, allowed);
  refuse(call, 404, "not_found", "there is nothing at this path");
}

void Accounts::identity_refused(const std::string& path) {
  Desk& desk = *inner_->desk;
  for (const auto& [name, account] : desk.book().accounts) {
    if (account.identity.empty() || account.refused) continue;
    if (identity_path(desk.options.folder, name) != path) continue;
    desk.audit("account " + name + ": the hub revoked its identity; its sessions end");
    const bool posted = desk.change<bool>(
        [name = name](Store& store) -> Result<bool> {
          if (Result<void> done = store.refuse_identity(name); !done) return done.fault();
          return true;
        },
        [](Result<bool>) {});
    if (!posted) desk.audit("account " + name + ": the file is slow: it is told again");
    return;
  }
}

}  // namespace vigie::web
