#pragma once
// The terminal while a live table stands on it: the alternate screen, no cursor, keys as they are
// pressed; and standard output that ends quietly when its reader has gone. One thread.

#include <termios.h>

#include <cstddef>
#include <string>
#include <vector>

#include "schemas/words/result.h"

namespace vigie::cli {

/// Writes all of it to standard output. Fails with Closed when the reader has gone (a pipe into
/// `head`): then the program has nothing more to do.
Result<void> write_out(const std::string& text);
/// True once nobody can read standard output any more: known without writing.
bool reader_is_gone();
/// True when standard output is a terminal.
bool output_is_terminal();
bool error_is_terminal();
/// False with NO_COLOR set or TERM=dumb.
bool color_wanted();

enum class Key {
  None,
  Quit,
  Up,
  Down,
  PageUp,
  PageDown,
  Home,
  End,
  Pause,
  Back,
  Forward,
  Faster,
  Slower  // of a replay
};

/// Takes the first key off the front of what was typed; keys that mean nothing go with it. None
/// when there is none, or not all of it yet: quick typing puts many into one read, or one into two.
Key take_key(std::string& pressed);

class Terminal {
 public:
  /// Takes the terminal over; REQUIRES: output_is_terminal(). Given back by the destructor.
  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  struct Size {
    std::size_t columns = 80;
    std::size_t rows = 24;
  };
  Size size() const;
  /// Draws the lines from the top; only those that changed are sent.
  Result<void> draw(const std::vector<std::string>& lines);
  /// The next key pressed, without waiting.
  Key key();

 private:
  termios before_{};
  bool keys_ = false;    // standard input is the terminal too
  std::string pressed_;  // typed, and not taken yet
  std::vector<std::string> shown_;
  Size shown_size_;
};

}  // namespace vigie::cli
