// Writes golden/: a file of bytes and a file of JSON for each sample.
//     golden_write SCHEMAS_FOLDER GOLDEN_FOLDER

#include <fstream>
#include <iostream>

#include "tests/conformance/samples.h"
#include "tests/conformance/schema_text.h"

int main(int argc, char** argv) {
  using namespace vigie;
  if (argc != 3) {
    std::cerr << "usage: golden_write SCHEMAS_FOLDER GOLDEN_FOLDER\n";
    return 2;
  }
  const Result<conformance::SchemaText> text = conformance::SchemaText::open(argv[1]);
  if (!text.ok()) {
    std::cerr << text.fault().sentence << "\n";
    return 1;
  }
  for (const auto& [name, sample] : conformance::samples()) {
    const std::string path = std::string(argv[2]) + "/" + name;
    std::ofstream(path + ".bin", std::ios::binary)
        .write(reinterpret_cast<const char*>(sample.bytes.data()),
               static_cast<std::streamsize>(sample.bytes.size()));
    nlohmann::json json = {{"root", sample.root}};
    json["message"] = sample.root == "frame" ? text->say_frame(sample.bytes)
                                             : text->say(sample.root, sample.bytes);
    std::ofstream(path + ".json") << json.dump(1) << "\n";
  }
  return 0;
}
