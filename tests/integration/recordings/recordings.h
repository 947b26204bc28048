#pragma once
// Where real recordings lie, and how to read them line by line.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace vigie {

inline std::filesystem::path recordings_root() {
  const char* from_environment = std::getenv("VIGIE_RECORDINGS");
  return from_environment != nullptr ? from_environment : VIGIE_RECORDINGS;
}

/// The files of a folder whose names end in `ending`, in order of name; empty when it is not there.
inline std::vector<std::filesystem::path> recordings(const std::string& folder,
                                                     const std::string& ending) {
  std::vector<std::filesystem::path> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(recordings_root() / folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.size() > ending.size() && name.ends_with(ending)) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

#define VIGIE_SKIP_WITHOUT_RECORDINGS(folder)                                                   \
  if (!std::filesystem::exists(recordings_root() / (folder))) {                                 \
    GTEST_SKIP() << "no recordings of '" << (folder) << "' on this machine (VIGIE_RECORDINGS)"; \
  }                                                                                             \
  static_assert(true)

}  // namespace vigie
