#include "clients/cli/commands/follow.h"

#include <fmt/format.h>

#include "clients/cli/outputs/ndjson.h"
#include "schemas/words/times.h"

namespace vigie::cli {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kTurn{100};
constexpr std::int64_t kRedrawUs = 100'000;
constexpr std::size_t kWriteTogether = 64 * 1024;

/// What an item means for the end of the whole. It says nothing itself: a table may stand on the
/// terminal.
class Ending {
 public:
  explicit Ending(const Follow& follow) : follow_(follow) {}

  void take(const client::Item& item) {
    if (const auto* link = std::get_if<client::LinkItem>(&item)) take_link(*link);
    if (const auto* replay = std::get_if<client::ReplayItem>(&item)) take_replay(*replay);
    if (code_ && *code_ != ExitCode::Ok && sentence_.empty()) sentence_ = notice_text(item);
  }
  /// Absent while it goes on.
  std::optional<ExitCode> code() {
    if (code_) return code_;
    if (follow_.timeout.count() > 0 && !heard_ &&
        clock_.monotonic_us() - began_us_ > follow_.timeout.count() * 1000) {
      sentence_ = "the hub did not answer in time";
      code_ = ExitCode::Unreachable;
    }
    return code_;
  }
  /// Why it failed; empty when it did not.
  const std::string& sentence() const { return sentence_; }

 private:
  void take_link(const client::LinkItem& link) {
    if (link.state == client::LinkState::Live) heard_ = true;
    if (link.state == client::LinkState::Stale) {
      heard_ = false;
      began_us_ = clock_.monotonic_us();
    }
    // Who waits for an end need not wait for a key to become known.
    const bool unknown =
        link.state == client::LinkState::Refused && link.code == client::Refusal::Revoked;
    if (unknown && follow_.is_finite) code_ = ExitCode::Refused;
    if (link.state != client::LinkState::Ended) return;
    code_ = link.code == client::Refusal::None ? ExitCode::Ok : ExitCode::Refused;
  }
  void take_replay(const client::ReplayItem& replay) {
    if (replay.phase == client::ReplayPhase::Failed) {
      sentence_ = fmt::format("the replay failed: {}", replay.reason);
      code_ = ExitCode::Failure;
    }
    if (replay.phase == client::ReplayPhase::Ended && follow_.ends_with_replay) {
      code_ = replay.damaged.empty() ? ExitCode::Ok : ExitCode::Failure;
      can_go_on_ = true;
    } else if (can_go_on_ && replay.phase == client::ReplayPhase::Playing) {
      code_.reset();  // sought back from its end
      can_go_on_ = false;
    }
  }

  const Follow& follow_;
  bool heard_ = false;
  bool can_go_on_ = false;  // a replay is at its end
  SystemClock clock_;
  std::int64_t began_us_ = clock_.monotonic_us();
  std::optional<ExitCode> code_;
  std::string sentence_;
};

/// Says how the following ended. Without an end of its own it was stopped by a signal, and a script
/// must not take a part for the whole.
ExitCode finished(const Follow& follow, const Ending& ending, std::optional<ExitCode> end) {
  if (!ending.sentence().empty()) say(ending.sentence());
  if (end) return *end;
  if (!follow.is_finite) return ExitCode::Ok;
  say("stopped before the end: this is not all of it");
  return ExitCode::Unfinished;
}

/// Says what people should hear of an item at once, and not again when it is the end.
void tell(const Follow& follow, const Ending& ending, const client::Item& item) {
  if (follow.is_paced && std::holds_alternative<client::ConflatedItem>(item)) return;
  const std::string notice = notice_text(item);
  if (!notice.empty() && notice != ending.sentence()) say(notice);
}

}  // namespace

void Warnings::take(const std::string& text) {
  const std::lock_guard lock(mutex_);
  newest_ = text;
  untold_.push_back(text);
}

std::string Warnings::newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

void Warnings::tell() {
  std::vector<std::string> untold;
  {
    const std::lock_guard lock(mutex_);
    untold.swap(untold_);
  }
  for (const std::string& text : untold) say(text);
}

std::shared_ptr<Warnings> queue_warnings(client::LinkOptions& link) {
  auto warnings = std::make_shared<Warnings>();
  link.on_warning = [warnings](const std::string& text) { warnings->take(text); };
  return warnings;
}

ExitCode follow_ndjson(const Follow& follow, bool notices, std::uint64_t count, StopSignals& stop) {
  Ending ending(follow);
  std::string lines;
  std::uint64_t written = 0;
  std::optional<ExitCode> end;
  while (!end && !stop.requested()) {
    const auto next = follow.next(lines.empty() ? kTurn : milliseconds(0));
    const bool closed = !next && next.fault().code == FaultCode::Closed;
    if (!next && !closed) return failed(next.fault());
    const client::Item* item = next && *next ? &**next : nullptr;
    // On a quiet room there may be nothing to write, and so no error to learn it from, for ever.
    if (item == nullptr && reader_is_gone()) return ExitCode::Ok;
    if (item != nullptr) {
      const std::string line = follow.line ? follow.line(*item) : ndjson_line(*item, notices);
      if (!line.empty()) ++written;
      lines += line;
      ending.take(*item);
      tell(follow, ending, *item);
    }
    end = ending.code();
    if (closed && !end) end = ExitCode::Ok;
    if (count != 0 && written >= count) end = ExitCode::Ok;
    // Whatever is there goes out at once; under load many lines together.
    if (!lines.empty() && (item == nullptr || end || lines.size() >= kWriteTogether)) {
      if (const auto wrote = write_out(lines); !wrote) return failed(wrote.fault());
      lines.clear();
    }
  }
  if (!lines.empty()) (void)write_out(lines).ok();
  return finished(follow, ending, end);
}

namespace {

/// The table on the terminal: which part of the units is shown, when it was drawn.
class Screen {
 public:
  Screen(const Follow& follow, Board& board) : follow_(follow), board_(board) {}

  /// False: 'q'.
  bool take_keys() {
    for (Key key = terminal_.key(); key != Key::None; key = terminal_.key()) {
      const std::size_t page = units_on_screen(size_);
      const std::size_t units = board_.units().size();
      const std::size_t most = units > page ? units - page : 0;
      switch (key) {
        case Key::Quit:
          return false;
        case Key::Up:
          first_ -= std::min<std::size_t>(first_, 1);
          break;
        case Key::Down:
          first_ += 1;
          break;
        case Key::PageUp:
          first_ -= std::min(first_, page);
          break;
        case Key::PageDown:
          first_ += page;
          break;
        case Key::Home:
          first_ = 0;
          break;
        case Key::End:
          first_ = most;
          break;
        default:
          if (follow_.on_key) follow_.on_key(key);
      }
      first_ = std::min(first_, most);
    }
    return true;
  }

  Result<void> draw(bool over, const std::string& failure) {
    const Terminal::Size terminal = terminal_.size();
    size_.columns = terminal.columns;
    size_.rows = terminal.rows;
    size_.first_unit = first_;
    size_.color = color_;
    size_.has_replay_keys = static_cast<bool>(follow_.on_key);
    TableStatus status = follow_.status(board_);
    status.is_over = over;
    status.failure = failure;
    if (follow_.warnings) status.warning = follow_.warnings->newest();
    return terminal_.draw(render_table(board_, status, size_));
  }

 private:
  const Follow& follow_;
  Board& board_;
  Terminal terminal_;
  TableSize size_;
  std::size_t first_ = 0;
  bool color_ = color_wanted();
};

}  // namespace

ExitCode follow_table(const Follow& follow, StopSignals& stop) {
  if (!output_is_terminal()) {
    say("a live table needs a terminal: use --format ndjson, or --snapshot");
    return ExitCode::Usage;
  }
  Ending ending(follow);
  Board board;
  std::optional<ExitCode> end;
  Result<void> drawn;
  bool left = false;  // by 'q', which is as good an end as any
  {
    Screen screen(follow, board);
    const SystemClock clock;
    std::int64_t redraw_us = 0;
    while (drawn && !stop.requested()) {
      left = !screen.take_keys();
      if (left) break;
      // After its end too: a replay goes on when it is sought.
      const auto next = follow.next(kTurn);
      if (next && *next) {
        board.take(**next);
        ending.take(**next);
      }
      end = ending.code();
      if (!next && !end) end = ExitCode::Ok;
      if (end && !follow.keep_table) break;
      if (!next) stop.wait(kTurn);
      const std::int64_t now_us = clock.monotonic_us();
      if (now_us < redraw_us) continue;
      redraw_us = now_us + kRedrawUs;
      drawn = screen.draw(end.has_value(), ending.sentence());
    }
  }
  if (follow.warnings) follow.warnings->tell();
  if (!drawn) return failed(drawn.fault());
  if (left && !end) return ExitCode::Ok;
  return finished(follow, ending, end);
}

ExitCode follow_to_end(const Follow& follow, const std::function<void(const client::Item&)>& sink,
                       StopSignals& stop) {
  Ending ending(follow);
  std::optional<ExitCode> end;
  while (!end && !stop.requested()) {
    const auto next = follow.next(kTurn);
    if (!next && next.fault().code != FaultCode::Closed) return failed(next.fault());
    if (next && *next) {
      sink(**next);
      ending.take(**next);
    }
    end = ending.code();
    if (!next && !end) end = ExitCode::Ok;
  }
  return finished(follow, ending, end);
}

ExitCode print_table_once(const Follow& follow, StopSignals& stop) {
  Board board;
  const ExitCode end = follow_to_end(
      follow, [&](const client::Item& item) { board.take(item); }, stop);
  if (end != ExitCode::Ok) return end;
  TableSize size;
  size.columns = 120;
  size.rows = 0;
  size.color = output_is_terminal() && color_wanted();
  TableStatus status = follow.status(board);
  status.is_over = true;
  std::string text;
  for (const std::string& line : render_table(board, status, size)) text += line + "\n";
  const auto wrote = write_out(text);
  return wrote ? ExitCode::Ok : failed(wrote.fault());
}

}  // namespace vigie::cli
