#pragma once
// `vigie-web account ...`: people, from the command line, also while the server runs (it sees a
// change within a second). Works on the data folder's accounts.sqlite and key files.

namespace vigie::web {

/// `argv[0]` is "account" or the program's name; the rest is the command. Writes to standard output
/// and standard error; returns the exit code: 0 done, 1 it failed, 2 the command line is wrong.
int run_account_command(int argc, char** argv);

}  // namespace vigie::web
