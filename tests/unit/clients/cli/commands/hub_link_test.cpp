#include "clients/cli/commands/hub_link.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "tests/unit/support/temporary_folder.h"

namespace vigie::cli {
namespace {

using testing::HasSubstr;

struct HubLink : testing::Test {
  test::TemporaryFolder folder;
  void SetUp() override {
    ::unsetenv("VIGIE_IDENTITY");
    ::setenv("XDG_CONFIG_HOME", folder.file("config").c_str(), 1);
  }
  std::string file(const std::string& name, const std::string& hub = "10.0.0.9:7710") {
    const std::string path = folder.file(name);
    const KeyFile key{.name = "blue/v1",
                      .role = "tracker",
                      .hub = hub,
                      .hub_key = make_key_pair().key,
                      .keys = make_key_pair()};
    EXPECT_TRUE(write_key_file(path, key));
    return path;
  }
};

TEST_F(HubLink, is_nobodys_at_this_machine_where_nothing_is_said) {
  const auto link = link_of({}, "watch");
  ASSERT_TRUE(link);
  EXPECT_EQ(link->hub, "127.0.0.1:7700");
  EXPECT_EQ(link->identity, "");
}

TEST_F(HubLink, takes_the_identity_that_is_named_before_the_surroundings_before_the_default) {
  const std::string standard = file("config/vigie/identity.toml");
  EXPECT_EQ(link_of({}, "watch")->identity, standard);
  const std::string surroundings = file("surroundings.toml");
  ::setenv("VIGIE_IDENTITY", surroundings.c_str(), 1);
  EXPECT_EQ(link_of({}, "watch")->identity, surroundings);
  const std::string named = file("named.toml");
  EXPECT_EQ(link_of({.identity = named}, "watch")->identity, named);
  EXPECT_EQ(link_of({.identity = named, .plain = true}, "watch")->identity, "");
}

TEST_F(HubLink, goes_to_the_identitys_hub_unless_another_is_named) {
  const std::string named = file("named.toml");
  EXPECT_EQ(link_of({.identity = named}, "watch")->hub, "10.0.0.9:7710");
  EXPECT_EQ(link_of({.hub = "127.0.0.1:1", .identity = named}, "watch")->hub, "127.0.0.1:1");
  const std::string nowhere = file("nowhere.toml", "");
  EXPECT_EQ(link_of({.identity = nowhere}, "watch")->hub, "127.0.0.1:7700");
}

TEST_F(HubLink, says_when_the_key_file_cannot_be_used) {
  const auto link = link_of({.identity = folder.file("none.toml")}, "watch");
  ASSERT_FALSE(link);
  EXPECT_THAT(link.fault().sentence, HasSubstr("none.toml"));
}

TEST_F(HubLink, tells_how_to_become_somebody_where_that_is_needed) {
  const auto own = own_key_file({});
  ASSERT_FALSE(own);
  EXPECT_THAT(own.fault().sentence, HasSubstr("vigie join"));
}

}  // namespace
}  // namespace vigie::cli
