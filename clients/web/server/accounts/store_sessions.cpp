// The part of the store about links, passwords, sessions and tokens.

#include <fmt/format.h>

#include "clients/web/server/accounts/database.h"
#include "clients/web/server/accounts/store.h"

namespace vigie::web::people {
namespace {

Fault invalid(std::string sentence) {
  return {FaultCode::Invalid, std::move(sentence)};
}

Result<void> take_totp_step(Database& database, const std::string& account, std::int64_t step) {
  Result<void> done = database.query("UPDATE accounts SET totp_step=? WHERE name=? AND totp_step<?")
                          .bind(step)
                          .bind(account)
                          .bind(step)
                          .run();
  if (!done) return done;
  if (database.changes() == 1) return {};
  return invalid("totp: this code was used already: wait for the next");
}

Result<std::int64_t> counted(Database& database, const std::string& account, std::int64_t kind) {
  Query count = database.query("SELECT count(*) FROM sessions WHERE account=? AND kind=?");
  const Result<bool> row = count.bind(account).bind(kind).step();
  if (!row) return row.fault();
  return count.number(0);
}

}  // namespace

Result<void> Store::add_link(const Link& link) {
  return database_->transaction([&]() -> Result<void> {
    Query there = database_->query("SELECT 1 FROM accounts WHERE name=?");
    const Result<bool> row = there.bind(link.account).step();
    if (!row) return row.fault();
    if (!*row) {
      return Fault{FaultCode::NotFound, fmt::format("there is no account '{}'", link.account)};
    }
    Result<void> done =
        database_->query("DELETE FROM links WHERE account=?").bind(link.account).run();
    if (!done) return done;
    return database_->query("INSERT INTO links VALUES(?,?,?,?)")
        .bind(link.digest)
        .bind(link.account)
        .bind(link.ends_us)
        .bind(link.resets_totp)
        .run();
  });
}

Result<void> Store::use_link(const std::string& digest, const std::string& password,
                             std::optional<std::int64_t> totp_step, std::int64_t now_us) {
  return database_->transaction([&]() -> Result<void> {
    std::string account;
    bool resets_totp = false;
    bool resets_password = false;
    {
      Query link = database_->query(
          "SELECT account, resets_totp, password<>'' FROM links JOIN accounts ON name=account "
          "WHERE digest=? AND ends_us>? AND disabled=0 AND refused=0");
      const Result<bool> row = link.bind(digest).bind(now_us).step();
      if (!row) return row.fault();
      if (!*row) return Fault{FaultCode::NotFound, "this link was used, renewed, or is over"};
      account = link.text(0);
      resets_totp = link.flag(1);
      resets_password = link.flag(2);
    }
    Result<void> done = database_->query("DELETE FROM links WHERE digest=?").bind(digest).run();
    if (done && totp_step) done = take_totp_step(*database_, account, *totp_step);
    if (done && resets_totp) {
      done = database_->query("UPDATE accounts SET totp=x'', totp_step=0 WHERE name=?")
                 .bind(account)
                 .run();
    }
    if (!done) return done;
    done = database_->query("UPDATE accounts SET password=? WHERE name=?")
               .bind(password)
               .bind(account)
               .run();
    if (!done) return done;
    const auto browsers = end_kind(account, SessionKind::Browser);
    if (!browsers) return browsers.fault();
    // Tokens that were made for somebody who signs in for the first time stay.
    if (!resets_password) return {};
    const auto tokens = end_kind(account, SessionKind::Token);
    return tokens ? Result<void>{} : tokens.fault();
  });
}

Result<void> Store::insert_session(const Session& session) {
  return database_->query("INSERT INTO sessions VALUES(?,?,?,?,?,?,?,?,?,?)")
      .bind(session.digest)
      .bind(session.id)
      .bind(session.account)
      .bind(static_cast<std::int64_t>(session.kind))
      .bind(session.may_send)
      .bind(session.label)
      .bind(session.remote)
      .bind(session.made_us)
      .bind(session.seen_us)
      .bind(session.ends_us)
      .run();
}

Result<void> Store::sign_in(const Session& session, const SignInProof& proof) {
  return database_->transaction([&]() -> Result<void> {
    Result<void> done =
        database_
            ->query(
                "UPDATE accounts SET signed_in_us=? WHERE name=? AND password=? AND disabled=0 "
                "AND refused=0")
            .bind(session.made_us)
            .bind(session.account)
            .bind(proof.password)
            .run();
    if (!done) return done;
    if (database_->changes() != 1) return invalid("the account was changed meanwhile: try again");
    if (proof.totp_step) done = take_totp_step(*database_, session.account, *proof.totp_step);
    if (!done) return done;
    const auto browsers = counted(*database_, session.account, 0);
    if (!browsers) return browsers.fault();
    if (*browsers >= kBrowsersMax) {
      done = database_
                 ->query(
                     "DELETE FROM sessions WHERE digest=(SELECT digest FROM sessions WHERE "
                     "account=? AND kind=0 ORDER BY seen_us, digest LIMIT 1)")
                 .bind(session.account)
                 .run();
    }
    return done ? insert_session(session) : done;
  });
}

Result<Ended> Store::set_password(const std::string& name, const std::string& before,
                                  const std::string& after, const std::string& keep_session,
                                  bool keep_tokens) {
  Ended ended;
  Result<void> set = database_->transaction([&]() -> Result<void> {
    Result<void> done =
        database_->query("UPDATE accounts SET password=? WHERE name=? AND password=?")
            .bind(after)
            .bind(name)
            .bind(before)
            .run();
    if (!done) return done;
    if (database_->changes() != 1) return invalid("the password was changed meanwhile");
    done = database_->query("DELETE FROM links WHERE account=?").bind(name).run();
    if (!done) return done;
    const auto browsers = end_kind(name, SessionKind::Browser, keep_session);
    if (!browsers) return browsers.fault();
    ended.browsers = *browsers;
    if (keep_tokens) return {};
    const auto tokens = end_kind(name, SessionKind::Token);
    if (!tokens) return tokens.fault();
    ended.tokens = *tokens;
    return {};
  });
  if (!set) return set.fault();
  return ended;
}

Result<void> Store::set_totp(const std::string& name, const std::string& secret,
                             std::int64_t step) {
  return database_->transaction([&]() -> Result<void> {
    Result<void> done = database_->query("UPDATE accounts SET totp=?, totp_step=? WHERE name=?")
                            .bind_bytes(secret)
                            .bind(step)
                            .bind(name)
                            .run();
    return done ? changed(name) : done;
  });
}

Result<void> Store::add_token(const Session& session) {
  return database_->transaction([&]() -> Result<void> {
    Query there = database_->query("SELECT 1 FROM accounts WHERE name=?");
    const Result<bool> row = there.bind(session.account).step();
    if (!row) return row.fault();
    if (!*row) {
      return Fault{FaultCode::NotFound, fmt::format("there is no account '{}'", session.account)};
    }
    const auto tokens = counted(*database_, session.account, 1);
    if (!tokens) return tokens.fault();
    if (*tokens >= kTokensMax) {
      return invalid(fmt::format("the account has {} tokens: end one first", kTokensMax));
    }
    return insert_session(session);
  });
}

Result<void> Store::end_session(const std::string& account, const std::string& id,
                                SessionKind kind) {
  return database_->transaction([&]() -> Result<void> {
    Result<void> done = database_->query("DELETE FROM sessions WHERE account=? AND id=? AND kind=?")
                            .bind(account)
                            .bind(id)
                            .bind(static_cast<std::int64_t>(kind))
                            .run();
    if (!done || database_->changes() > 0) return done;
    return Fault{FaultCode::NotFound, kind == SessionKind::Browser
                                          ? "there is no such session any more"
                                          : "there is no such token any more"};
  });
}

Result<std::int64_t> Store::end_browsers(const std::string& account) {
  return end_kind(account, SessionKind::Browser);
}

Result<std::int64_t> Store::end_tokens(const std::string& account) {
  return end_kind(account, SessionKind::Token);
}

Result<std::int64_t> Store::end_kind(const std::string& account, SessionKind kind,
                                     const std::string& but) {
  Result<void> done = database_->query("DELETE FROM sessions WHERE account=? AND kind=? AND id<>?")
                          .bind(account)
                          .bind(static_cast<std::int64_t>(kind))
                          .bind(but)
                          .run();
  if (!done) return done.fault();
  return std::int64_t{database_->changes()};
}

Result<void> Store::seen(const std::vector<std::pair<std::string, std::int64_t>>& times,
                         std::int64_t now_us, std::int64_t idle_us) {
  return database_->transaction([&]() -> Result<void> {
    for (const auto& [id, time_us] : times) {
      Result<void> done = database_->query("UPDATE sessions SET seen_us=? WHERE id=? AND seen_us<?")
                              .bind(time_us)
                              .bind(id)
                              .bind(time_us)
                              .run();
      if (!done) return done;
    }
    Result<void> done =
        database_->query("DELETE FROM sessions WHERE ends_us<=? OR (kind=0 AND seen_us<=?)")
            .bind(now_us)
            .bind(now_us - idle_us)
            .run();
    if (!done) return done;
    return database_->query("DELETE FROM links WHERE ends_us<=?").bind(now_us).run();
  });
}

}  // namespace vigie::web::people
