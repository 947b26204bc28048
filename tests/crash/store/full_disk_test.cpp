// Promise 8, for the store alone, on a real small file system that is full: what has a seq waits,
// and is written under the same seq when there is space again. Needs the right to mount; else it is
// skipped.

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cstring>
#include <fstream>

#include "tests/unit/hub/store/world.h"

namespace vigie::store::test {
namespace {

class SmallDisk {
 public:
  SmallDisk() {
    mounted_ = ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=24m") == 0;
    if (!mounted_) why_ = std::strerror(errno);
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  const std::string& why() const { return why_; }
  std::string path() const { return folder_.path(); }
  /// Takes all space but so many bytes.
  void fill_but(std::uint64_t bytes) {
    std::ofstream ballast(path() + "/ballast", std::ios::binary);
    const std::uint64_t available = std::filesystem::space(path()).available;
    const std::string block(64 * 1024, 'x');
    for (std::uint64_t put = 0; put + bytes + block.size() < available; put += block.size()) {
      ballast << block;
    }
  }
  void free() { std::filesystem::remove(path() + "/ballast"); }

 private:
  TemporaryFolder folder_;
  bool mounted_ = false;
  std::string why_;
};

void fill_and_free(std::uint64_t free_bytes_min) {
  SmallDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "full disk: mounting is not permitted: " << disk.why();
  const SystemClock clock;
  StoreOptions options;
  options.directory = disk.path() + "/log";
  options.clock = &clock;
  options.memtable_bytes = 1 << 20;
  options.free_bytes_min = free_bytes_min;
  Told told;
  Source source(11);
  {
    const auto store = open_store(options, told);
    ASSERT_NE(store, nullptr);
    disk.fill_but(free_bytes_min + (3 << 20));
    // Until the disk is full, and a few bodies more.
    for (int after = 0; after < 20;) {
      store->submit(source.body(clock.utc_us(), 200, 30, 1));
      store->write_step(1000);
      store->build_step();
      after += told.disk_full != 0 ? 1 : 0;
      ASSERT_EQ(told.broken, 0) << told.sentence;
      ASSERT_LT(source.bodies.size(), 20'000u);
    }
    EXPECT_EQ(told.space_again, 0);
    EXPECT_GT(store->queued_bytes(), 0u);
    const std::uint64_t durable = store->durable_seq();
    // Consoles are served meanwhile.
    EXPECT_EQ(read_log(*store).bodies.back().second, durable);
    disk.free();
    for (int i = 0; i < 300 && store->queued_bytes() != 0; ++i) store->write_step(100'000);
    EXPECT_EQ(told.space_again, 1);
    EXPECT_EQ(told.broken, 0) << told.sentence;
    EXPECT_EQ(store->durable_seq(), source.next_seq() - 1);
    ASSERT_TRUE(store->close_clean(source.next_seq()).ok());
  }
  const auto store = open_store(options, told);
  const ReadLog read = read_log(*store);
  ASSERT_EQ(read.bodies.size(), source.bodies.size());
  for (std::size_t i = 0; i < read.bodies.size(); ++i) {
    EXPECT_EQ(read.bodies[i].first, source.bodies[i].first);
  }
}

TEST(FullDiskTest, queue_waits_for_space_and_keeps_its_seqs_when_the_reserve_is_reached) {
  fill_and_free(4 << 20);
}

TEST(FullDiskTest, queue_waits_for_space_and_keeps_its_seqs_when_rocksdb_finds_none) {
  fill_and_free(0);
}

}  // namespace
}  // namespace vigie::store::test
