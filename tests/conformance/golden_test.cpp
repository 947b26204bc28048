// Today's code writes the bytes that are kept in golden/, and reads them as they are told there.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/conformance/samples.h"
#include "tests/conformance/schema_text.h"

namespace vigie::conformance {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

const std::filesystem::path kGolden = VIGIE_GOLDEN;

TEST(GoldenTest, todays_writer_makes_the_bytes_that_are_kept) {
  for (const auto& [name, sample] : samples()) {
    const std::string kept = read_file(kGolden / (name + ".bin"));
    ASSERT_FALSE(kept.empty()) << name;
    EXPECT_TRUE(kept.size() == sample.bytes.size() &&
                std::memcmp(kept.data(), sample.bytes.data(), kept.size()) == 0)
        << name << ": golden_write makes golden/ anew; a change to bytes that are kept is a change "
        << "to the protocol";
  }
}

TEST(GoldenTest, todays_reader_reads_what_is_kept) {
  const Result<SchemaText> text = SchemaText::open(VIGIE_SCHEMAS);
  ASSERT_TRUE(text.ok()) << text.fault().sentence;
  for (const auto& [name, sample] : samples()) {
    const std::string kept = read_file(kGolden / (name + ".bin"));
    const Bytes bytes(reinterpret_cast<const std::byte*>(kept.data()), kept.size());
    const AlignedBytes aligned(bytes);
    ASSERT_TRUE(sample.verifies(aligned.bytes())) << name;
    const auto want = nlohmann::json::parse(read_file(kGolden / (name + ".json")));
    EXPECT_EQ(want["root"], sample.root);
    EXPECT_EQ(want["message"], sample.root == "frame" ? text->say_frame(aligned.bytes())
                                                      : text->say(sample.root, aligned.bytes()))
        << name;
  }
}

TEST(GoldenTest, every_kept_file_has_its_sample_and_every_identifier_is_kept) {
  const auto all = samples();
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kGolden)) {
    if (entry.path().extension() != ".bin") continue;
    EXPECT_TRUE(all.contains(entry.path().stem())) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, all.size());
  for (const auto& [name, sample] : all) {
    EXPECT_EQ(std::memcmp(sample.bytes.data() + 4, sample.identifier.data(), 4), 0) << name;
  }
}

}  // namespace
}  // namespace vigie::conformance
