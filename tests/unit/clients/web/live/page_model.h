#pragma once
// A page as the tests see it: the slow and obvious reading of PROTOCOL.md. Stops a test where a
// frame breaks a promise.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "clients/web/protocol/web_generated.h"

namespace vigie::web::test {

class PageModel {
 public:
  /// Another connection: names are to be told anew.
  void connect() { names_.clear(); }
  void take(const std::string& bytes);

  const std::map<std::string, std::uint64_t>& shown() const { return shown_; }  // seq by name
  const std::map<std::string, std::string>& groups() const { return groups_; }
  const std::set<std::string>& cards() const { return cards_; }
  const std::vector<std::uint64_t>& events() const { return events_; }
  std::uint64_t fixes() const { return fixes_; }  // but those of snapshots
  std::uint64_t all_fixes() const { return all_fixes_; }
  std::uint64_t conflated() const { return conflated_; }
  std::uint64_t event_seq() const { return event_seq_; }
  std::uint64_t fix_seq() const { return fix_seq_; }
  std::uint64_t snapshots() const { return snapshots_; }

 private:
  const std::string& name_of(std::uint32_t unit) const;
  void take_fixes(const wire::Frame& frame);

  std::map<std::uint32_t, std::string> names_;
  std::map<std::string, std::string> groups_;
  std::map<std::string, std::uint64_t> shown_;
  std::set<std::string> cards_;
  std::vector<std::uint64_t> events_;
  bool in_snapshot_ = false;
  std::set<std::string> listed_;
  std::set<std::string> listed_cards_;
  std::uint64_t fixes_ = 0;
  std::uint64_t all_fixes_ = 0;
  std::uint64_t conflated_ = 0;
  std::uint64_t event_seq_ = 0;
  std::uint64_t fix_seq_ = 0;
  std::uint64_t snapshots_ = 0;
};

}  // namespace vigie::web::test
