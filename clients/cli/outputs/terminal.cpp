#include "clients/cli/outputs/terminal.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace vigie::cli {
namespace {

constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l\x1b[2J";
constexpr std::string_view kLeave = "\x1b[0m\x1b[?25h\x1b[?1049l";

/// How many bytes the first key takes: one, or all of an escape sequence; 0 when that is not all
/// here yet. An escape that begins none is a key of its own.
std::size_t first_key_bytes(std::string_view pressed) {
  if (pressed.empty()) return 0;
  if (pressed[0] != '\x1b') return 1;
  if (pressed.size() == 1) return 0;
  if (pressed[1] == 'O') return pressed.size() < 3 ? 0 : 3;
  if (pressed[1] != '[') return 1;
  std::size_t end = 2;  // parameters, up to the character that ends it
  while (end < pressed.size() && pressed[end] >= ' ' && pressed[end] < '@') ++end;
  return end < pressed.size() ? end + 1 : 0;
}

Key key_of(std::string_view text) {
  if (text == "q" || text == "Q") return Key::Quit;
  if (text == "\x1b[A" || text == "\x1bOA" || text == "k") return Key::Up;
  if (text == "\x1b[B" || text == "\x1bOB" || text == "j") return Key::Down;
  if (text == "\x1b[5~") return Key::PageUp;
  if (text == "\x1b[6~") return Key::PageDown;
  if (text == "\x1b[H" || text == "\x1bOH" || text == "\x1b[1~" || text == "g") return Key::Home;
  if (text == "\x1b[F" || text == "\x1bOF" || text == "\x1b[4~" || text == "G") return Key::End;
  if (text == " ") return Key::Pause;
  if (text == "\x1b[D" || text == "\x1bOD") return Key::Back;
  if (text == "\x1b[C" || text == "\x1bOC") return Key::Forward;
  if (text == "+") return Key::Faster;
  if (text == "-") return Key::Slower;
  return Key::None;
}

}  // namespace

Key take_key(std::string& pressed) {
  while (const std::size_t bytes = first_key_bytes(pressed)) {
    const Key key = key_of(std::string_view(pressed).substr(0, bytes));
    pressed.erase(0, bytes);
    if (key != Key::None) return key;
  }
  return Key::None;
}

Result<void> write_out(const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t wrote = ::write(STDOUT_FILENO, text.data() + done, text.size() - done);
    if (wrote >= 0) {
      done += static_cast<std::size_t>(wrote);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN) {
      pollfd wait{STDOUT_FILENO, POLLOUT, 0};
      ::poll(&wait, 1, 1000);
      continue;
    }
    const FaultCode code = errno == EPIPE ? FaultCode::Closed : FaultCode::Io;
    return Fault{code, fmt::format("standard output: {}", std::strerror(errno))};
  }
  return {};
}

bool reader_is_gone() {
  pollfd out{STDOUT_FILENO, 0, 0};
  return ::poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

bool output_is_terminal() {
  return ::isatty(STDOUT_FILENO) == 1;
}
bool error_is_terminal() {
  return ::isatty(STDERR_FILENO) == 1;
}

bool color_wanted() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return (no_color == nullptr || *no_color == 0) &&
         (term == nullptr || std::strcmp(term, "dumb") != 0);
}

Terminal::Terminal() {
  keys_ = ::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &before_) == 0;
  if (keys_) {
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  }
  (void)write_out(std::string(kEnter)).ok();
}

Terminal::~Terminal() {
  (void)write_out(std::string(kLeave)).ok();
  if (keys_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

Terminal::Size Terminal::size() const {
  winsize window{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0) return {};
  return {window.ws_col, window.ws_row};
}

Result<void> Terminal::draw(const std::vector<std::string>& lines) {
  const Size now = size();
  std::string out;
  if (now.columns != shown_size_.columns || now.rows != shown_size_.rows) {
    out = "\x1b[2J";
    shown_.clear();
    shown_size_ = now;
  }
  for (std::size_t i = 0; i < lines.size() || i < shown_.size(); ++i) {
    const std::string_view line = i < lines.size() ? std::string_view(lines[i]) : "";
    if (i < shown_.size() && shown_[i] == line) continue;
    out += fmt::format("\x1b[{};1H{}\x1b[0m\x1b[K", i + 1, line);
  }
  shown_ = lines;
  return out.empty() ? Result<void>() : write_out(out);
}

Key Terminal::key() {
  if (!keys_) return Key::None;
  while (true) {
    if (const Key key = take_key(pressed_); key != Key::None) return key;
    char some[64];
    const ssize_t got = ::read(STDIN_FILENO, some, sizeof(some));
    if (got <= 0) return Key::None;
    pressed_.append(some, static_cast<std::size_t>(got));
  }
}

}  // namespace vigie::cli
