#pragma once
// Tracks as GPX 1.1, valid by its schema: a trk for each unit with one trkseg. What GPX has no
// element for (speed, course, accuracy) stands in the extensions, in a namespace of ours. Pure.

#include <string>
#include <string_view>

#include "clients/web/server/api/track_writer.h"

namespace vigie::web::api {

/// Foreign text between tags or in an attribute. What XML 1.0 can't hold becomes U+FFFD.
void append_xml_text(std::string& out, std::string_view text);

class GpxWriter final : public TrackWriter {
 public:
  void begin(std::string& out, const TrackHead& head) override;
  void fix(std::string& out, const client::FixItem& item) override;
  void end(std::string& out, std::span<const std::string> notices) override;

 private:
  std::string unit_;
};

}  // namespace vigie::web::api
