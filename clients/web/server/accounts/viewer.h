#pragma once
// Who looks. Every page, answer and export shows exactly what this identity may see: the hub cuts
// it, by the identity's own key. A plain value.

#include <string>

namespace vigie::web {

struct Viewer {
  std::string account = {};        // empty: nobody signed in (open)
  std::string name = {};           // OWNER/NAME of the identity; empty: the hub asks nobody
  std::string identity_path = {};  // its key file; empty: a plain hub
  std::string session = {};        // the sign-in or API token; ends with it
  bool may_send = false;           // events and texts, as `name`
  bool administrator = false;      // of accounts
  bool open = false;               // no sign-in is asked: a demonstration on loopback
};

}  // namespace vigie::web
