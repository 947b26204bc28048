#include "clients/web/server/ops/build.h"

#include <filesystem>

namespace vigie::web {

std::string version() {
  return VIGIE_VERSION;
}

std::string page_beside_program() {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  const fs::path above = program.parent_path().parent_path();
  for (const fs::path& folder : {above / "share" / "vigie" / "page", above / "page"}) {
    if (fs::is_regular_file(folder / "index.html", error)) return folder.string();
  }
  return {};
}

}  // namespace vigie::web
