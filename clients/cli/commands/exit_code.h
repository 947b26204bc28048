#pragma once
// What the shell is told. Scripts depend on these numbers; `vigie --help` lists them.

namespace vigie::cli {

enum class ExitCode : int {
  Ok = 0,
  Failure = 1,      // a file, the terminal, or the hub failed us; the message says how
  Usage = 2,        // the command line is wrong
  Unreachable = 3,  // the hub did not answer in the time allowed
  Refused = 4,      // the hub refused some of it for good, or it was given up
  // Stopped by a signal: before everything was settled (it lies in the spool), or before all of
  // what was asked for was here.
  Unfinished = 5,
  // Of `vigie verify`, and of reading a recording:
  Changed = 6,     // something was changed, removed or added
  Cut = 7,         // it ends too early: cut, or not sealed any more
  NotSealed = 8,   // nobody vouches for it
  AnotherKey = 9,  // sealed, but not by the key, or by the identity's, that was asked for
  KeyOfThen = 10,  // sealed by a key that the identity had then or has now, but not both
};

}  // namespace vigie::cli
