#include "clients/web/server/accounts/identities.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "clients/web/server/accounts/keeper.h"
#include "clients/web/server/accounts/secrets.h"
#include "clients/web/server/accounts/words.h"
#include "schemas/keys/key_file.h"
#include "schemas/words/new_file.h"
#include "vigie/enrol.h"

namespace vigie::web::people {
namespace {

constexpr std::string_view kTokenPrefix = "vigie_";

Result<void> make_folder(const std::string& folder) {
  const std::string path = folder + "/identities";
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return Fault{FaultCode::Io, fmt::format("{}: {}", path, std::strerror(errno))};
}

Result<JoinedIdentity> adopt(const std::string& path) {
  const Result<KeyFile> file = read_key_file(path);
  if (!file) return file.fault();
  return JoinedIdentity{.name = file->name, .role = file->role, .taken_up = true};
}

}  // namespace

Result<std::string> identity_key(const std::string& folder, const std::string& account) {
  const std::string path = identity_path(folder, account);
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::string();
  const Result<KeyFile> file = read_key_file(path);
  if (!file) return file.fault();
  return file->keys.key;
}

Result<JoinedIdentity> join_identity(const JoinPlan& plan) {
  if (Result<void> made = make_folder(plan.folder); !made) return made.fault();
  const std::string path = identity_path(plan.folder, plan.account);
  const Result<std::string> key = identity_key(plan.folder, plan.account);
  if (!key) return key.fault();
  if (!key->empty() && *key != plan.key_before) return adopt(path);
  client::JoinOptions join;
  join.code = plan.code;
  join.identity_path = path;
  join.replace = true;  // what is there is the identity before, or of an account that is no more
  join.hub = plan.hub;
  join.client = plan.program;
  const auto joined = client::join(join);
  if (!joined) return joined.fault();
  return JoinedIdentity{
      .name = joined->name, .role = client::role_name(joined->role), .taken_up = joined->taken_up};
}

Result<void> drop_identity(const std::string& folder, const std::string& account) {
  const std::string path = identity_path(folder, account);
  if (::unlink(path.c_str()) == 0) return sync_folder(folder + "/identities");
  if (errno == ENOENT) return {};
  return Fault{FaultCode::Io, fmt::format("{}: {}", path, std::strerror(errno))};
}

Result<void> remove_account(Store& store, const std::string& folder, const std::string& name) {
  if (Result<void> named = check_account_name(name); !named) return named;
  if (Result<void> done = store.change(name, {.disabled = true}); !done) return done;
  if (Result<void> done = drop_identity(folder, name); !done) return done;
  return store.remove(name);
}

Result<std::string> make_link(Store& store, const std::string& account, std::int64_t ends_us,
                              bool resets_totp) {
  std::string secret = make_token("");
  Result<void> done = store.add_link({.digest = digest_of(secret),
                                      .account = account,
                                      .ends_us = ends_us,
                                      .resets_totp = resets_totp});
  if (!done) return done.fault();
  return secret;
}

std::string link_address(const std::string& base_url, const std::string& secret) {
  std::string base = base_url;
  while (base.ends_with('/')) base.pop_back();
  return base + "/join#" + secret;
}

Result<MadeToken> make_api_token(Store& store, const TokenPlan& plan, std::int64_t now_us) {
  constexpr std::int64_t kDayUs = 86'400 * kMicrosecondsPerSecond;
  MadeToken made{.secret = make_token(kTokenPrefix)};
  made.session = {.id = make_id(),
                  .digest = digest_of(made.secret),
                  .account = plan.account,
                  .kind = SessionKind::Token,
                  .may_send = plan.may_send,
                  .label = plan.label,
                  .remote = plan.remote,
                  .made_us = now_us,
                  .seen_us = 0,
                  .ends_us = now_us + plan.days * kDayUs};
  if (Result<void> done = store.add_token(made.session); !done) return done.fault();
  return made;
}

}  // namespace vigie::web::people
