#pragma once
// The gate: finds whose a request is, and tells when a session is over. Net thread; reads the book
// in memory and touches no disk.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "clients/web/server/accounts/accounts.h"
#include "clients/web/server/accounts/book.h"
#include "clients/web/server/accounts/gate.h"

namespace vigie::web::people {

/// A session as a request shows it. Borrowed from the book until the next set_book().
struct Shown {
  const Account* account = nullptr;
  const Session* session = nullptr;
  std::string csrf = {};  // empty: by bearer, where none is asked
};

class Keeper final : public Gate {
 public:
  Keeper(const AccountsOptions& options, const Clock& clock, AccountsCounters& counters);

  Result<Viewer> viewer_of(const Request& request) override;
  std::uint64_t watch(const std::string& session, std::function<void()> ended) override;
  void unwatch(std::uint64_t number) override;

  /// Everybody is this one, and nobody signs in.
  void open_to_all(Viewer viewer) { everybody_ = std::move(viewer); }
  const std::optional<Viewer>& everybody() const { return everybody_; }

  /// As viewer_of(), for the endpoints about people.
  Result<Shown> find(const Request& request);
  /// The session that the cookie opens, whatever the method; null: none.
  const Session* by_cookie(const Request& request) const;
  bool is_valid(const Session& session) const;
  Viewer viewer(const Shown& shown) const;
  std::int64_t seen_us(const Session& session) const;

  const std::shared_ptr<const Book>& book() const { return book_; }
  /// Watches of sessions that are no more are told.
  void set_book(std::shared_ptr<const Book> book);
  /// Sessions that ended by time are told; those that are watched are used.
  void tick();
  /// What was used since the last call, by id.
  std::vector<std::pair<std::string, std::int64_t>> take_seen();

 private:
  struct Watch {
    std::string session;  // its id
    std::function<void()> ended;
  };
  Result<Shown> by_bearer(const Request& request, std::string_view header);
  void tell_ended();

  const AccountsOptions& options_;
  const Clock& clock_;
  AccountsCounters& counters_;
  std::optional<Viewer> everybody_;
  std::shared_ptr<const Book> book_ = std::make_shared<const Book>();
  std::unordered_map<std::string, const Session*> by_id_;
  std::unordered_map<std::string, std::int64_t> seen_;  // id -> newest use in this process
  std::unordered_map<std::string, std::int64_t> unwritten_;
  std::unordered_map<std::uint64_t, Watch> watches_;
  std::uint64_t watches_made_ = 0;
};

/// Where the key file of an account lies.
std::string identity_path(const std::string& folder, const std::string& account);

}  // namespace vigie::web::people
