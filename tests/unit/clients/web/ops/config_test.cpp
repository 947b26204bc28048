// The configuration: file, command line, and what is wrong with them.

#include "clients/web/server/ops/config.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <set>

#include "clients/web/server/ops/command_line.h"
#include "clients/web/server/ops/config_file.h"
#include "clients/web/server/ops/options.h"

namespace vigie::web {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Result<CommandLine> line_of(std::vector<const char*> arguments) {
  return read_command_line(arguments, "9.9");
}

std::string example() {
  std::ifstream file(VIGIE_WEB_EXAMPLE);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(WebConfigTest, TheExampleHoldsEveryOptionAtItsDefault) {
  WebConfig config;
  EXPECT_THAT(read_config(example(), "example", config), IsEmpty());
  EXPECT_EQ(config.data, "/var/lib/vigie-web");
  config.data.clear();
  const auto keys = keys_of(example());
  const std::set<std::string> told(keys.begin(), keys.end());
  const WebConfig defaults;
  for (const WebOption& option : web_options()) {
    EXPECT_TRUE(told.count(std::string(option.key))) << option.key;
    EXPECT_EQ(option.show(config), option.show(defaults)) << option.key;
  }
  EXPECT_EQ(told.size(), web_options().size());
}

TEST(WebConfigTest, FaultsOfAFileNameLineKeyAndValue) {
  WebConfig config;
  EXPECT_THAT(read_config("hub = \"h:1\"\nlisten = \"here\"\n[http]\nconnection = 5\nbody = 5\n"
                          "[feed]\nbrowsers = 0\n",
                          "web.toml", config),
              ElementsAre(HasSubstr("web.toml:7: feed.browsers must be a whole number from 1 to "
                                    "1000000, not 0"),
                          HasSubstr("web.toml:5: http.body must be a size"),
                          HasSubstr("web.toml:4: unknown option 'http.connection'; did you mean "
                                    "'http.connections'?"),
                          HasSubstr("web.toml:2: listen must be ADDRESS:PORT")));
  EXPECT_EQ(config.hub, "h:1");
}

TEST(WebConfigTest, FlagsWinAndListsArePartedByCommas) {
  const auto line = line_of({"--hub", "10.0.0.1:7700", "--listen", "[::1]:80", "--set",
                             "names=a.example,b.example:8443", "--set", "feed.ring=64MiB"});
  ASSERT_TRUE(line) << line.fault().sentence;
  EXPECT_EQ(line->config.hub, "10.0.0.1:7700");
  EXPECT_THAT(line->config.names, ElementsAre("a.example", "b.example:8443"));
  EXPECT_EQ(line->config.ring_bytes, 64u << 20);
  EXPECT_EQ(parse_listen(line->config.listen)->host, "::1");
}

TEST(WebConfigTest, OpenIsForLoopbackAlone) {
  EXPECT_TRUE(line_of({"--open"}));
  EXPECT_THAT(line_of({"--open", "--listen", "0.0.0.0:80"}).fault().sentence,
              HasSubstr("for loopback alone: listen is '0.0.0.0:80'"));
  EXPECT_THAT(line_of({"--open", "--set", "proxies=127.0.0.1"}).fault().sentence,
              HasSubstr("open and proxies exclude each other"));
  EXPECT_THAT(line_of({"--identity", "me.toml"}).fault().sentence, HasSubstr("of `open` alone"));
}

TEST(WebConfigTest, WhatDoesNotFitTogetherIsRefused) {
  EXPECT_THAT(line_of({"--certificate", "web.pem"}).fault().sentence, HasSubstr("given together"));
  EXPECT_THAT(line_of({"--set", "base_url=room.example"}).fault().sentence, HasSubstr("https://"));
  EXPECT_THAT(line_of({"--set", "metrics.listen=127.0.0.1:7780"}).fault().sentence,
              HasSubstr("are both"));
  EXPECT_THAT(line_of({"--set", "accounts.session_idle=30d"}).fault().sentence,
              HasSubstr("longer than"));
}

TEST(WebConfigTest, HelpAndVersionAreTextAlone) {
  const auto version = line_of({"--version"});
  ASSERT_TRUE(version);
  EXPECT_FALSE(version->run);
  EXPECT_EQ(version->text, "vigie-web 9.9\n");
  EXPECT_THAT(line_of({"--help"})->text, HasSubstr("--listen ADDRESS:PORT"));
  EXPECT_THAT(line_of({"--nothing"}).fault().sentence, HasSubstr("--help"));
}

TEST(ListenAddressTest, IsAnAddressWithAPort) {
  EXPECT_EQ(parse_listen("localhost:80")->host, "127.0.0.1");
  for (const std::string wrong : {"", "80", ":80", "host:80", "1.2.3.4:", "1.2.3.4:x", "::1:80",
                                  "1.2.3.4:70000", "[1.2.3.4]:80"}) {
    EXPECT_FALSE(parse_listen(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace vigie::web
