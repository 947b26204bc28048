#include "schemas/keys/sign.h"

#include <gtest/gtest.h>

#include "schemas/keys/hash.h"

namespace vigie {
namespace {

Secret<32> counting() {
  std::array<unsigned char, 32> bytes{};
  for (unsigned char i = 0; i < 32; ++i) bytes[i] = i;
  return Secret<32>(bytes);
}

TEST(SignKeyPair, is_derived_from_the_secret_as_written_down) {
  // Python: hashlib.blake2b(b"", key=bytes(range(32)), salt=(1).to_bytes(16, "little"),
  // person=b"vigiesgn", digest_size=32) is the seed; its Ed25519 key is what openssl pkey makes.
  const SignKeyPair pair = sign_key_pair(counting());
  EXPECT_EQ(key_text(pair.seed.bytes()),
            "340ea1fd1e59497db7ab4485a6e71aad7501607005edcf4e707c8c0a765beb37");
  EXPECT_EQ(pair.key, "0dca8191ab98de94f81c1b58e54a214d228ae5fdec6d5004b28b4a9dcb4d71d2");
}

TEST(SignKeyPair, tells_nothing_of_the_key_that_it_goes_with) {
  const KeyPair pair = make_key_pair();
  EXPECT_NE(sign_key_pair(pair.secret).key, pair.key);
  EXPECT_NE(sign_key_pair(pair.secret).key, sign_key_pair(make_key_pair().secret).key);
}

TEST(Sign, gives_the_signature_of_rfc_8032) {
  // Its section 7.1, test 1: the empty message.
  const auto seed =
      key_bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").value();
  const std::string key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
  const Signature signature = sign({}, {.key = key, .seed = Secret<32>(seed)});
  EXPECT_EQ(key_text(std::span(signature).first<32>()),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155");
  EXPECT_EQ(key_text(std::span(signature).last<32>()),
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
  EXPECT_TRUE(is_signed_by(key, {}, signature));
}

TEST(Sign, is_seen_through_when_anything_is_another) {
  const SignKeyPair pair = sign_key_pair(counting());
  const Signature signature = sign(octets("halt at the well"), pair);
  EXPECT_TRUE(is_signed_by(pair.key, octets("halt at the well"), signature));
  EXPECT_FALSE(is_signed_by(pair.key, octets("halt at the wall"), signature));
  EXPECT_FALSE(is_signed_by(sign_key_pair(make_key_pair().secret).key, octets("halt at the well"),
                            signature));
  EXPECT_FALSE(is_signed_by("no key", octets("halt at the well"), signature));
  for (std::size_t bit = 0; bit < 8 * signature.size(); ++bit) {
    Signature spoilt = signature;
    spoilt[bit / 8] ^= static_cast<unsigned char>(1u << bit % 8);
    EXPECT_FALSE(is_signed_by(pair.key, octets("halt at the well"), spoilt)) << bit;
  }
}

TEST(Hash, is_blake2b_of_all_parts_together) {
  // b2sum -l 256 of "blue/v1" begins with these bytes.
  EXPECT_EQ(key_text(blake2b({octets("blue/v1")})).substr(0, 16), "e4dbc50ed77b96f1");
  EXPECT_EQ(blake2b({octets("blue"), octets("/v1")}), blake2b({octets("blue/v1")}));
}

}  // namespace
}  // namespace vigie
