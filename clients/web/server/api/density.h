#pragma once
// Counts how many fixes each viewer's own history has, in the background and a little at a time,
// and keeps what was counted for as long as what that viewer may see is the same. Every fix that is
// counted came through a session of the viewer's identity: what the hub hides from it changes no
// count, and only how far a turn comes.
// Net thread; a thread of its own reads.

#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include "clients/web/server/api/density_book.h"
#include "clients/web/server/api/desk.h"
#include "clients/web/server/api/past.h"
#include "clients/web/server/live/watch.h"

namespace vigie::web::api {

struct DensityOptions {
  std::chrono::milliseconds turn{2'500};  // of reading for one viewer, then it is another's
  std::chrono::milliseconds hub_patience{10'000};
  std::chrono::milliseconds again{5'000};    // after a reading that failed
  std::size_t bytes_max = 16 * 1024 * 1024;  // of counts, in all
  std::size_t viewers_max = 64;              // beyond, whoever asked longest ago is forgotten
};

class Density {
 public:
  Density(Net& net, Gate& gate, const Clock& clock, DensityOptions options,
          std::function<void(const std::string&)> warn);
  ~Density();
  Density(const Density&) = delete;
  Density& operator=(const Density&) = delete;

  struct Told {
    DensityAnswer answer = {};
    std::string problem = {};  // why the newest reading failed
  };
  /// What is known. What is not is counted from here on, while somebody asks.
  Told ask(const Viewer& viewer, const Watch& watch, bool known_clock, const DensityPlan& plan);

 private:
  struct Page;  // of one viewer
  Page& page_of(const Viewer& viewer, const Watch& watch);
  void count(Page& page, const Viewer& viewer, const Watch& watch, bool known_clock,
             const DensityPlan& plan);
  void finish(std::uint64_t page, std::uint64_t job, bool known_clock,
              const std::vector<DensityCount>& counts, std::string problem);
  void bound(const Page& newest);

  Net& net_;
  const Clock& clock_;
  const DensityOptions options_;
  std::list<std::unique_ptr<Page>> pages_;  // whoever asked last is in front
  std::uint64_t numbers_ = 0;
  std::shared_ptr<int> alive_;
  Desk desk_;  // last: its thread ends first
};

}  // namespace vigie::web::api
