#pragma once
// The hub's items in the words of web.fbs: compact values that go from a session's thread to the
// net thread. Gives each unit an index when it first comes. Pure; one thread.

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "clients/web/protocol/web_generated.h"
#include "vigie/items.h"

namespace vigie::web {

/// A unit's index has this name; stands before its first use, and again when its group changes.
struct UnitNamed {
  std::uint32_t unit = 0;
  std::string name = {};
  std::string group = {};
};
struct UnitLeft {
  std::uint32_t unit = 0;
  std::uint64_t seq = 0;
};
struct EventSaid {
  std::shared_ptr<const wire::EventT> event = {};
};
struct CardTold {
  std::shared_ptr<const wire::CardT> card = {};
};
struct SeqsLost {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};
struct LeftOut {
  std::uint64_t fixes = 0;
};
struct PictureBegins {
  bool replaces = false;
};
struct PictureEnds {
  std::uint64_t seq = 0;
  std::int64_t time_us = 0;
};
struct LinkTold {
  client::LinkItem link = {};
};
struct ReplayTold {
  client::ReplayItem replay = {};
};

using Change = std::variant<wire::PageFix, UnitNamed, UnitLeft, EventSaid, CardTold, SeqsLost,
                            LeftOut, PictureBegins, PictureEnds, LinkTold, ReplayTold>;

class Translator {
 public:
  /// Appends what the item says; nothing for what browsers are not shown (access rules).
  void translate(client::Item&& item, std::vector<Change>& out);
  /// The unit at this index, for readers of what translate() appended.
  std::size_t units() const { return units_.size(); }

 private:
  struct Known {
    std::uint32_t index;
    std::string group;
    std::uint32_t count = 0;    // where the hub tells none: of the fixes that came
    std::uint64_t counted = 0;  // the seq of the newest of these
  };
  std::uint32_t count_of(const client::FixItem& item);
  std::uint32_t index_of(const std::string& name, const std::string* group,
                         std::vector<Change>& out);
  void fix(client::FixItem& item, std::vector<Change>& out);

  boost::unordered_flat_map<std::string, Known> units_;
};

/// Each value as web.fbs has it, limits included.
wire::PageFix page_fix(const client::FixItem& item, std::uint32_t unit);
wire::EventT page_event(client::EventItem&& item);
wire::CardT page_card(client::StateItem&& item);

}  // namespace vigie::web
