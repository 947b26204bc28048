// The hub's configuration: file, flags, ranges, and the example that must show every option at its
// default.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <limits>
#include <set>

#include "hub/ops/command_line.h"
#include "hub/ops/config_file.h"
#include "hub/ops/options.h"
#include "hub/ops/ports.h"

namespace vigie::ops {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string example_text() {
  std::ifstream file(std::string(VIGIE_SOURCE) + "/deploy/vigie-hub.toml");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Result<CommandLine> read(std::vector<const char*> arguments) {
  return read_command_line(arguments, "1.2.3");
}

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text)
      : path_(testing::TempDir() + "vigie_config_" + std::to_string(::getpid()) + ".toml") {
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  const char* path() const { return path_.c_str(); }

 private:
  std::string path_;
};

TEST(Example, parses_without_a_fault) {
  HubConfig config;
  EXPECT_THAT(read_config(example_text(), "vigie-hub.toml", config), IsEmpty());
}

TEST(Example, lists_every_option_and_no_other) {
  std::set<std::string> wanted;
  for (const HubOption& option : hub_options()) wanted.emplace(option.key);
  const auto keys = keys_of(example_text());
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()), wanted);
}

TEST(Example, shows_each_default_but_for_the_data_directory) {
  HubConfig from_example;
  ASSERT_THAT(read_config(example_text(), "example", from_example), IsEmpty());
  const HubConfig defaults;
  for (const HubOption& option : hub_options()) {
    if (option.key == "data") continue;
    EXPECT_EQ(option.show(from_example), option.show(defaults)) << option.key;
  }
}

TEST(Example, has_a_comment_of_its_own_for_every_section_and_option_group) {
  std::istringstream lines(example_text());
  std::string line;
  bool explained = false;
  while (std::getline(lines, line)) {
    if (line.starts_with("#")) explained = true;
    if (line.starts_with("[") || line.empty()) explained = false;
    if (line.find(" = ") != std::string::npos && !line.starts_with("#")) {
      EXPECT_TRUE(explained) << line;
    }
  }
}

TEST(Options, what_is_shown_reads_back_as_the_same) {
  for (const HubOption& option : hub_options()) {
    HubConfig config;
    const std::string shown = option.show(config);
    std::string text = std::string(option.key) + " = " + shown;
    HubConfig read_back;
    EXPECT_THAT(read_config(text, "shown", read_back), IsEmpty()) << text;
    EXPECT_EQ(option.show(read_back), shown);
  }
}

TEST(Options, every_option_refuses_a_value_of_a_wrong_type) {
  for (const HubOption& option : hub_options()) {
    HubConfig config;
    const bool takes_list = option.kind == OptionKind::Numbers;
    const std::string text = std::string(option.key) + (takes_list ? " = true" : " = [1.5]");
    EXPECT_THAT(read_config(text, "f", config), ElementsAre(HasSubstr("must be"))) << option.key;
  }
}

TEST(File, unknown_key_is_refused_by_name_with_its_line_and_the_nearest_known) {
  HubConfig config;
  EXPECT_THAT(read_config("port = 7800\n\n[queues]\nrign = \"1MiB\"\n", "f.toml", config),
              ElementsAre("f.toml:4: unknown option 'queues.rign'; did you mean 'queues.ring'?"));
}

TEST(File, unknown_section_is_refused_by_name) {
  HubConfig config;
  EXPECT_THAT(read_config("[weather]\nwind = 3\n", "f", config),
              ElementsAre(HasSubstr("unknown option 'weather'")));
}

TEST(File, all_faults_are_reported_at_once) {
  HubConfig config;
  EXPECT_THAT(read_config("port = 70000\nhosts = \"x\"\n[store]\nsync = \"maybe\"\n", "f", config),
              testing::UnorderedElementsAre(
                  HasSubstr("f:1: port must be a whole number from 0 to 65533"),
                  HasSubstr("f:2: unknown option 'hosts'; did you mean 'host'?"),
                  HasSubstr("f:4: store.sync must be one of \"always\", \"never\"")));
}

TEST(File, broken_toml_is_refused_with_its_line) {
  HubConfig config;
  EXPECT_THAT(read_config("host = \"127.0.0.1\"\nport = = 3\n", "f", config),
              ElementsAre(HasSubstr("f:2: ")));
}

TEST(File, missing_file_is_refused_by_name) {
  HubConfig config;
  EXPECT_THAT(read_config_file("/no/such/file.toml", config),
              ElementsAre("/no/such/file.toml: cannot be read"));
}

TEST(File, durations_and_sizes_are_taken_with_their_units) {
  HubConfig config;
  ASSERT_THAT(read_config("[retention]\ntracks = \"30d\"\nevents = \"forever\"\ndisk = \"20GiB\"\n",
                          "f", config),
              IsEmpty());
  EXPECT_EQ(config.track_age_us_max, 30ll * 86'400 * 1'000'000);
  EXPECT_EQ(config.event_age_us_max, 0);
  EXPECT_EQ(config.disk_bytes_max, 20ull << 30);
}

TEST(File, freshness_ends_where_the_milliseconds_told_to_consoles_do) {
  HubConfig config;
  EXPECT_THAT(read_config("[freshness]\nsilent_after = \"49d\"\n", "f", config), IsEmpty());
  EXPECT_LE(config.silent_after_us / 1000, std::numeric_limits<std::uint32_t>::max());
  EXPECT_THAT(read_config("[freshness]\nsilent_after = \"50d\"\n", "f", config),
              ElementsAre(HasSubstr("freshness.silent_after must be a duration from \"1s\" to "
                                    "\"49d\"")));
}

TEST(Flags, defaults_are_loopback_and_synced) {
  const auto line = read({"--data", "d"});
  ASSERT_TRUE(line) << line.fault().sentence;
  EXPECT_TRUE(line->run);
  EXPECT_EQ(line->config.data, "d");
  EXPECT_EQ(line->config.host, "127.0.0.1");
  EXPECT_EQ(line->config.port, 7700);
  EXPECT_EQ(line->config.sync, SyncWhen::Always);
}

TEST(Flags, win_over_the_file) {
  const TemporaryFile file("port = 7800\ndata = \"from-file\"\n[log]\nformat = \"json\"\n");
  const auto line = read({"--config", file.path(), "--port", "7900"});
  ASSERT_TRUE(line) << line.fault().sentence;
  EXPECT_EQ(line->config.port, 7900);
  EXPECT_EQ(line->config.data, "from-file");
  EXPECT_EQ(line->config.log.format, LogFormat::Json);
}

TEST(Flags, set_reaches_every_kind_of_option) {
  const auto line = read({"--data", "d", "--set", "retention.tracks=2d", "--set",
                          "queues.ring=128MiB", "--set", "threads.front_cpus=0,1", "--set",
                          "status=false", "--set", "sessions.max=7", "--set", "store.sync=never"});
  ASSERT_TRUE(line) << line.fault().sentence;
  EXPECT_EQ(line->config.track_age_us_max, 2ll * 86'400 * 1'000'000);
  EXPECT_EQ(line->config.ring_bytes, 128u << 20);
  EXPECT_THAT(line->config.front_cpus, ElementsAre(0, 1));
  EXPECT_FALSE(line->config.status);
  EXPECT_EQ(line->config.sessions_max, 7u);
  EXPECT_EQ(line->config.sync, SyncWhen::Never);
}

TEST(Flags, faults_of_file_and_flags_come_together) {
  const TemporaryFile file("prot = 1\n");
  const auto line = read({"--config", file.path(), "--port", "many", "--sync", "perhaps", "--set",
                          "nonsense", "--set", "queues.ringg=1MiB"});
  ASSERT_FALSE(line);
  EXPECT_EQ(line.fault().code, FaultCode::Invalid);
  EXPECT_THAT(line.fault().sentence,
              AllOf(HasSubstr("unknown option 'prot'; did you mean 'port'?"),
                    HasSubstr("--port: port must be a whole number from 0 to 65533, not 'many'"),
                    HasSubstr("--sync: store.sync must be one of"),
                    HasSubstr("--set: 'nonsense' is not KEY=VALUE"),
                    HasSubstr("did you mean 'queues.ring'?")));
}

TEST(Flags, options_are_held_together_only_when_each_was_understood) {
  const TemporaryFile broken("data = \"/var/lib/vigie\"\nport = = 3\n");
  const auto line = read({"--config", broken.path()});
  ASSERT_FALSE(line);
  EXPECT_THAT(line.fault().sentence, Not(HasSubstr("must be named")));
  const auto none = read({});
  ASSERT_FALSE(none);
  EXPECT_THAT(none.fault().sentence, HasSubstr("data: the directory of the log must be named"));
}

TEST(Flags, unknown_flag_is_refused_by_name) {
  const auto line = read({"--data", "d", "--prot", "3"});
  ASSERT_FALSE(line);
  EXPECT_THAT(line.fault().sentence, HasSubstr("--prot"));
}

TEST(Flags, help_holds_an_example_and_version_is_told) {
  const auto help = read({"--help"});
  ASSERT_TRUE(help);
  EXPECT_FALSE(help->run);
  EXPECT_THAT(help->text, HasSubstr("vigie-hub --data ./data"));
  const auto version = read({"--version"});
  ASSERT_TRUE(version);
  EXPECT_FALSE(version->run);
  EXPECT_EQ(version->text, "vigie-hub 1.2.3\n");
}

TEST(Host, beyond_loopback_is_never_plain) {
  for (const char* host : {"0.0.0.0", "192.0.2.7", "::", "2001:db8::1"}) {
    const auto refused = read({"--data", "d", "--plain", "--host", host});
    ASSERT_FALSE(refused) << host;
    EXPECT_THAT(refused.fault().sentence, AllOf(HasSubstr(host), HasSubstr("plain")));
    EXPECT_TRUE(read({"--data", "d", "--host", host})) << host;
  }
  for (const char* host : {"127.0.0.1", "127.9.9.9", "::1", "localhost"}) {
    EXPECT_TRUE(read({"--data", "d", "--plain", "--host", host})) << host;
  }
}

TEST(Host, of_the_status_pages_is_loopback_unless_it_is_said) {
  HubConfig config;
  EXPECT_EQ(status_host(config), "127.0.0.1");
  config.host = "::1";
  EXPECT_EQ(status_host(config), "::1");
  config.host = "192.0.2.7";
  EXPECT_EQ(status_host(config), "127.0.0.1");
  config.status_host = "192.0.2.8";
  EXPECT_EQ(status_host(config), "192.0.2.8");
  const auto line = read({"--data", "d", "--set", "status_host=here"});
  ASSERT_FALSE(line);
  EXPECT_THAT(line.fault().sentence, HasSubstr("status_host: 'here'"));
}

TEST(Keys, lie_with_the_log_unless_it_is_said) {
  HubConfig config;
  config.data = "/d";
  EXPECT_EQ(keys_folder(config), "/d/keys");
  config.keys = "/k";
  EXPECT_EQ(keys_folder(config), "/k");
}

TEST(Host, must_be_an_address) {
  const auto line = read({"--data", "d", "--host", "hub.example"});
  ASSERT_FALSE(line);
  EXPECT_THAT(line.fault().sentence, HasSubstr("'hub.example' is not an IPv4 or IPv6 address"));
}

TEST(Together, relations_between_options_are_checked) {
  HubConfig config;
  config.data = "d";
  EXPECT_THAT(check_together(config), IsEmpty());
  config.ring_bytes = config.store_queue_bytes;
  config.silence_us_max = config.heartbeat_us;
  config.silent_after_us = config.overdue_after_us;
  config.track_age_us_max = 10;
  config.event_age_us_max = 9;
  config.ipc = std::string(200, 'x');
  EXPECT_THAT(check_together(config), SizeIs(5));
}

TEST(Together, events_may_not_go_before_tracks_that_are_kept_for_ever) {
  HubConfig config;
  config.data = "d";
  config.event_age_us_max = 1;
  EXPECT_THAT(check_together(config), ElementsAre(HasSubstr("retention.events")));
}

TEST(Endpoint, ipv6_addresses_get_brackets) {
  EXPECT_EQ(tcp_endpoint("127.0.0.1", 7700), "tcp://127.0.0.1:7700");
  EXPECT_EQ(tcp_endpoint("::1", 7701), "tcp://[::1]:7701");
}

TEST(Ports, three_in_a_row_are_found_for_both_families) {
  for (const char* host : {"127.0.0.1", "0.0.0.0"}) {
    const auto first = free_ports(host);
    ASSERT_TRUE(first) << first.fault().sentence;
    EXPECT_GE(*first, 1024);
  }
  EXPECT_FALSE(free_ports("nowhere"));
}

}  // namespace
}  // namespace vigie::ops
