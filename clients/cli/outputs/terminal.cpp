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

}  // namespace

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
  char pressed[8] = {};
  const ssize_t got = ::read(STDIN_FILENO, pressed, sizeof(pressed) - 1);
  if (got <= 0) return Key::None;
  const std::string_view text(pressed, static_cast<std::size_t>(got));
  if (text[0] == 'q' || text[0] == 'Q') return Key::Quit;
  if (text == "\x1b[A" || text == "k") return Key::Up;
  if (text == "\x1b[B" || text == "j") return Key::Down;
  if (text == "\x1b[5~") return Key::PageUp;
  if (text == "\x1b[6~") return Key::PageDown;
  if (text == "\x1b[H" || text == "g") return Key::Home;
  if (text == "\x1b[F" || text == "G") return Key::End;
  if (text == " ") return Key::Pause;
  if (text == "\x1b[D") return Key::Back;
  if (text == "\x1b[C") return Key::Forward;
  if (text == "+") return Key::Faster;
  if (text == "-") return Key::Slower;
  return Key::None;
}

}  // namespace vigie::cli
