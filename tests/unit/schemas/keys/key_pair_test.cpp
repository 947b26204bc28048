#include "schemas/keys/key_pair.h"

#include <gtest/gtest.h>
#include <zmq.h>

namespace vigie {
namespace {

TEST(KeyPair, is_one_that_zeromq_derives_the_same_key_of) {
  const KeyPair pair = make_key_pair();
  char secret[41] = {};
  char key[41] = {};
  ASSERT_NE(zmq_z85_encode(secret, pair.secret.bytes().data(), 32), nullptr);
  ASSERT_EQ(zmq_curve_public(key, secret), 0);
  std::array<unsigned char, 32> bytes{};
  ASSERT_NE(zmq_z85_decode(bytes.data(), key), nullptr);
  EXPECT_EQ(key_text(bytes), pair.key);
}

TEST(KeyPair, every_one_is_new) {
  EXPECT_NE(make_key_pair().key, make_key_pair().key);
}

TEST(KeyPair, of_a_secret_is_always_the_same) {
  const KeyPair pair = make_key_pair();
  EXPECT_EQ(key_pair_of(pair.secret).key, pair.key);
}

TEST(KeyPair, of_an_invitation_hangs_on_its_secret_alone) {
  const InviteSecret secret = make_invite_secret();
  EXPECT_EQ(invite_key_pair(secret).key, invite_key_pair(InviteSecret(secret.bytes())).key);
  EXPECT_NE(invite_key_pair(secret).key, invite_key_pair(make_invite_secret()).key);
}

TEST(KeyText, reads_back_as_the_same_bytes) {
  const KeyPair pair = make_key_pair();
  const auto bytes = key_bytes(pair.key);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(key_text(*bytes), pair.key);
}

TEST(KeyText, of_another_shape_is_no_key_and_is_not_repeated) {
  const std::string key = make_key_pair().key;
  std::string upper = key;
  upper[5] = 'A';
  for (const std::string& bad :
       {std::string(), key.substr(1), key + "0", "g" + key.substr(1), upper, " " + key.substr(1)}) {
    const auto bytes = key_bytes(bad);
    ASSERT_FALSE(bytes) << bad;
    EXPECT_EQ(bytes.fault().sentence, "a key is 64 lower-case hexadecimal digits");
  }
}

TEST(SpoolOwner, is_blake2b_of_the_name) {
  // b2sum -l 256 of "blue/v1" begins with these bytes.
  EXPECT_EQ(spool_owner("blue/v1"), 0xf1967bd70ec5dbe4ULL);
  EXPECT_NE(spool_owner("blue/v1"), spool_owner("blue/v2"));
}

}  // namespace
}  // namespace vigie
