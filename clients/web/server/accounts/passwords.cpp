#include "clients/web/server/accounts/passwords.h"

#include <sodium.h>

#include "schemas/keys/hash.h"

namespace vigie::web::people {

Result<std::string> hash_password(const std::string& password) {
  ready_sodium();
  char text[crypto_pwhash_STRBYTES];
  const int failed = crypto_pwhash_str_alg(
      text, password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
      crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) {
    return Fault{FaultCode::Unavailable, "there is no memory to hash a password: try again"};
  }
  return std::string(text);
}

bool password_matches(const std::string& hash, const std::string& password) {
  ready_sodium();
  if (hash.size() >= crypto_pwhash_STRBYTES) return false;
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

}  // namespace vigie::web::people
