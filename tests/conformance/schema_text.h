#pragma once
// Messages as JSON by the .fbs files themselves, read at run time: a second reader, independent of
// the generated C++. Numbers stay numbers (also of enums); scalars that are absent show their
// default; absent tables, lists, texts and structs do not show.

#include <flatbuffers/idl.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "schemas/messages/wire.h"
#include "schemas/words/result.h"

namespace vigie::conformance {

class SchemaText {
 public:
  /// Reads all schemas of a folder. Fails with Invalid and the parser's words.
  static Result<SchemaText> open(const std::string& folder);

  /// A verified root by its table's name ("Hello").
  nlohmann::json say(const std::string& root, Bytes bytes) const;
  /// A frame, with the payload of each block.
  nlohmann::json say_frame(Bytes bytes) const;
  /// The message that this JSON says, with the identifier in front.
  std::vector<std::byte> binary(const std::string& root, const std::string& identifier,
                                const nlohmann::json& json) const;
  /// True when the root verifies by this schema.
  bool has_table(const std::string& root) const;

 private:
  std::unique_ptr<flatbuffers::Parser> parser() const;
  std::string folder_;
};

}  // namespace vigie::conformance
