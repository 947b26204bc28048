// The page's files and the user's maps.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "clients/web/server/http/map_files.h"
#include "clients/web/server/http/page_files.h"

namespace vigie::web {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

class Folder : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string path = (fs::temp_directory_path() / "vigie-files-XXXXXX").string();
    ASSERT_NE(::mkdtemp(path.data()), nullptr);
    folder = path;
  }
  void TearDown() override { fs::remove_all(folder); }
  void put(const std::string& name, const std::string& bytes) const {
    fs::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << bytes;
  }
  static std::shared_ptr<Request> ask(const std::string& path, const std::string& name = "x",
                                      const std::string& value = "") {
    auto request = std::make_shared<Request>();
    request->method = "GET";
    request->path = path;
    request->headers = {{name, value}};
    return request;
  }
  fs::path folder;
};

class Page : public Folder {
 protected:
  void SetUp() override {
    Folder::SetUp();
    put("index.html", "<html>");
    put("assets/main-ABCD1234.js", "plain");
    put("assets/main-ABCD1234.js.br", "brotli");
    put("assets/main-ABCD1234.js.gz", "gzip");
    put("lonely.js.br", "nothing");
    put("icon.svg", "<svg/>");
  }
  Response get(const std::string& path, const std::string& name = "x",
               const std::string& value = "") const {
    const auto page = PageFiles::open(folder.string());
    return page->page(*ask(path, name, value));
  }
};

TEST_F(Page, TheBestFormThatTheBrowserTakesIsChosen) {
  const std::string path = "/assets/main-ABCD1234.js";
  EXPECT_EQ(*get(path).shared, "plain");
  EXPECT_EQ(*get(path, "accept-encoding", "gzip, deflate, br").shared, "brotli");
  EXPECT_EQ(*get(path, "accept-encoding", "gzip, br;q=0").shared, "gzip");
  EXPECT_EQ(*get(path, "accept-encoding", "*").shared, "brotli");
  EXPECT_THAT(get(path, "accept-encoding", "br").headers, Contains(Pair("Content-Encoding", "br")));
  EXPECT_THAT(get(path).headers, Contains(Pair("Vary", "Accept-Encoding")));
}

TEST_F(Page, HashedNamesAreImmutableAndOthersAskedAgain) {
  EXPECT_THAT(get("/assets/main-ABCD1234.js").headers,
              Contains(Pair("Cache-Control", HasSubstr("immutable"))));
  EXPECT_THAT(get("/").headers, Contains(Pair("Cache-Control", "no-cache")));
  EXPECT_THAT(get("/icon.svg").headers, Contains(Pair("Content-Type", "image/svg+xml")));
}

TEST_F(Page, WhatTheBrowserHasIsNotSentAgain) {
  std::string tag;
  for (const auto& [name, value] : get("/").headers) {
    if (name == "ETag") tag = value;
  }
  EXPECT_EQ(get("/", "if-none-match", "\"other\", W/" + tag).status, 304);
  EXPECT_EQ(get("/", "if-none-match", "\"other\"").status, 200);
}

TEST_F(Page, PathsOfThePageGetItsIndexAndMissingFilesNot) {
  EXPECT_EQ(*get("/units/alpha").shared, "<html>");
  EXPECT_EQ(get("/assets/none.js").status, 404);
  EXPECT_EQ(get("/lonely.js").status, 404);
}

TEST_F(Page, LinksOutOfTheFolderAreNotServed) {
  fs::create_symlink("/etc/hostname", folder / "host.txt");
  EXPECT_EQ(get("/host.txt").status, 404);
}

TEST_F(Folder, AFolderWithoutIndexIsNotThePage) {
  const auto page = PageFiles::open(folder.string());
  ASSERT_FALSE(page);
  EXPECT_EQ(page.fault().code, FaultCode::NotFound);
  EXPECT_EQ(PageFiles::open(folder.string() + "/none").fault().code, FaultCode::NotFound);
}

class Maps : public Folder {
 protected:
  void SetUp() override {
    Folder::SetUp();
    put("maps/land.pmtiles", "0123456789");
    put("maps/sat/3/4/5.png", "tile");
    put("secret.pmtiles", "secret");
    maps = std::move(*MapFiles::open((folder / "maps").string()));
  }
  Response get(const std::string& path, const std::string& name = "x",
               const std::string& value = "") const {
    std::promise<Response> answer;
    maps->handle(ask(path, name, value),
                 [&](Response response) { answer.set_value(std::move(response)); });
    return answer.get_future().get();
  }
  std::unique_ptr<MapFiles> maps;
};

TEST_F(Maps, RangesAreReadFromTheDisk) {
  const Response part = get("/maps/land.pmtiles", "range", "bytes=2-4");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "234");
  EXPECT_THAT(part.headers, Contains(Pair("Content-Range", "bytes 2-4/10")));
  EXPECT_EQ(get("/maps/land.pmtiles", "range", "bytes=-3").body, "789");
  EXPECT_EQ(get("/maps/land.pmtiles", "range", "bytes=8-100").body, "89");
  EXPECT_EQ(get("/maps/land.pmtiles", "range", "bytes=10-").status, 416);
  EXPECT_EQ(get("/maps/land.pmtiles", "range", "bytes=1-2,4-5").status, 200);
  EXPECT_EQ(get("/maps/land.pmtiles").body, "0123456789");
  EXPECT_EQ(get("/maps/sat/3/4/5.png").body, "tile");
}

TEST_F(Maps, AreListed) {
  const std::string list = get("/maps").body;
  EXPECT_THAT(list, HasSubstr(R"("path":"/maps/land.pmtiles")"));
  EXPECT_THAT(list, HasSubstr(R"("path":"/maps/sat/{z}/{x}/{y}.png")"));
}

TEST_F(Maps, NothingOutsideOfTheFolderIsRead) {
  fs::create_symlink(folder / "secret.pmtiles", folder / "maps/out.pmtiles");
  fs::create_symlink("../secret.pmtiles", folder / "maps/up.pmtiles");
  fs::create_symlink("land.pmtiles", folder / "maps/within.pmtiles");
  for (const std::string path :
       {"/maps/out.pmtiles", "/maps/up.pmtiles", "/maps/../secret.pmtiles", "/maps/none.pmtiles",
        "/maps/sat", "/maps/sat/3/4/5.txt", "/maps/sat/a/4/5.png", "/maps/.land.pmtiles"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
  EXPECT_EQ(get("/maps/within.pmtiles").status, 200);
}

TEST_F(Maps, WithoutAFolderThereAreNone) {
  maps = std::move(*MapFiles::open(""));
  EXPECT_EQ(get("/maps").body, R"({"maps":[]})");
  EXPECT_EQ(get("/maps/land.pmtiles").status, 404);
  EXPECT_EQ(MapFiles::open((folder / "none").string()).fault().code, FaultCode::NotFound);
}

}  // namespace
}  // namespace vigie::web
