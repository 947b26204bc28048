#include "tests/conformance/schema_text.h"

#include "schemas/messages/frame.h"

namespace vigie::conformance {
namespace {

using nlohmann::json;

constexpr const char* kFiles[] = {"common.fbs", "session.fbs", "access.fbs",
                                  "batch.fbs",  "frame.fbs",   "publish.fbs"};

json header_json(const wire::FrameHeader& header) {
  return {{"bytes", header.bytes()},
          {"magic", header.magic()},
          {"kind", static_cast<int>(header.kind())},
          {"flags", header.flags()},
          {"body_count", header.body_count()},
          {"prev", header.prev()},
          {"first", header.first()},
          {"last", header.last()},
          {"prev_event", header.prev_event()},
          {"last_event", header.last_event()},
          {"durable", header.durable()},
          {"time_us", header.time_us()},
          {"log", {{"high", header.log().high()}, {"low", header.log().low()}}}};
}

json header_json(const wire::BlockHeader& header) {
  return {{"bytes", header.bytes()},         {"count", header.count()},
          {"first_seq", header.first_seq()}, {"kind", static_cast<int>(header.kind())},
          {"flags", header.flags()},         {"origin_seq", header.origin_seq()}};
}

}  // namespace

Result<SchemaText> SchemaText::open(const std::string& folder) {
  SchemaText text;
  text.folder_ = folder;
  if (text.parser() == nullptr) return Fault{FaultCode::Invalid, "cannot read " + folder};
  return text;
}

std::unique_ptr<flatbuffers::Parser> SchemaText::parser() const {
  flatbuffers::IDLOptions options;
  options.strict_json = true;
  options.output_default_scalars_in_json = true;
  options.output_enum_identifiers = false;
  options.indent_step = -1;
  auto parser = std::make_unique<flatbuffers::Parser>(options);
  const char* include[] = {folder_.c_str(), nullptr};
  for (const char* file : kFiles) {
    const std::string path = folder_ + "/" + file;
    std::string text;
    if (!flatbuffers::LoadFile(path.c_str(), false, &text) ||
        !parser->Parse(text.c_str(), include, path.c_str())) {
      return nullptr;
    }
  }
  return parser;
}

json SchemaText::say(const std::string& root, Bytes bytes) const {
  const auto reader = parser();
  std::string text;
  if (!reader->SetRootType(("vigie.wire." + root).c_str()) ||
      !flatbuffers::GenerateText(*reader, bytes.data(), &text)) {
    return nullptr;
  }
  return json::parse(text);
}

json SchemaText::say_frame(Bytes bytes) const {
  const Result<Frame> frame = Frame::parse(bytes);
  if (!frame.ok()) return frame.fault().sentence;
  json blocks = json::array();
  frame->for_each_block([&](const Block& block, std::int64_t known_time_us) {
    json one = {{"header", header_json(*block.header)}, {"known_time_us", known_time_us}};
    switch (block.header->kind()) {
      case wire::BlockKind::Batch:
        one["payload"] = say("Batch", block.payload);
        break;
      case wire::BlockKind::Leaves:
        one["payload"] = say("Leaves", block.payload);
        break;
      case wire::BlockKind::Void:
        one["payload"] = {{"first", block.void_range().first()},
                          {"last", block.void_range().last()}};
        break;
      default:
        break;  // skipped, as PROTOCOL.md says
    }
    blocks.push_back(std::move(one));
  });
  return {{"header", header_json(frame->header())}, {"blocks", std::move(blocks)}};
}

std::vector<std::byte> SchemaText::binary(const std::string& root, const std::string& identifier,
                                          const nlohmann::json& json) const {
  const auto writer = parser();
  writer->SetRootType(("vigie.wire." + root).c_str());
  writer->file_identifier_ = identifier;
  if (!writer->Parse(json.dump().c_str())) return {};
  const auto* data = reinterpret_cast<const std::byte*>(writer->builder_.GetBufferPointer());
  return {data, data + writer->builder_.GetSize()};
}

bool SchemaText::has_table(const std::string& root) const {
  return parser()->LookupStruct("vigie.wire." + root) != nullptr;
}

}  // namespace vigie::conformance
