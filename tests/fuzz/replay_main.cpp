// Runs a fuzz target once on each file of the folders it is given, and on nothing at all, and on
// each file cut short: the kept inputs as a test, without libFuzzer.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  std::size_t inputs = 0;
  const auto run = [&](const std::vector<std::uint8_t>& bytes, std::size_t size) {
    // An allocation of its own, so that a read beyond the end is seen.
    const std::vector<std::uint8_t> exact(bytes.begin(),
                                          bytes.begin() + static_cast<std::ptrdiff_t>(size));
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
    ++inputs;
  };
  run({}, 0);
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::is_directory(argv[i])) continue;
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file),
                                            std::istreambuf_iterator<char>()};
      for (std::size_t size : {bytes.size(), bytes.size() / 2, bytes.size() - bytes.size() / 8}) {
        run(bytes, size);
      }
    }
  }
  std::cout << inputs << " inputs\n";
  return inputs > 1 ? 0 : 1;
}
