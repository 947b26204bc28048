// What a browser is sent next: texts, then live and past in turns. And the events that only the
// hub has.

#include <algorithm>
#include <system_error>
#include <utility>

#include "clients/web/server/live/browser.h"
#include "clients/web/server/live/conversation.h"
#include "clients/web/server/live/reason.h"

namespace vigie::web {

void BrowserView::on_sent() {
  pump();
}

void BrowserView::pump() {
  if (pumping_ || closing_ || socket_ == nullptr) return;
  pumping_ = true;
  while (!closing_ && !socket_->sending() && send_one()) {
  }
  pumping_ = false;
  if (closing_ || !viewing_) return;
  look_at_catch_up();
  wake_for_pace();
}

bool BrowserView::send_one() {
  if (!texts_.empty()) {
    std::string text = std::move(texts_.front());
    texts_.pop_front();
    ++around_.counters.texts;
    around_.counters.bytes_own += text.size();
    send(std::make_shared<const std::string>(std::move(text)), false);
    return true;
  }
  if (std::exchange(link_due_, false)) {
    const client::LinkItem& link = watch_->link();
    ++around_.counters.texts;
    send(std::make_shared<const std::string>(
             link_text(link.state, link.since_us, watch_->status().link_age_us, link_reason(link))),
         false);
    return true;
  }
  if (std::exchange(blank_due_, false)) {
    FrameWriter out;
    FrameHead head;
    head.kind = wire::FrameKind::Snapshot;
    head.first_page = head.last_page = true;
    auto bytes = out.finish(head);
    if (open_->json) {
      bytes = std::make_shared<const std::string>(json_of(*wire::GetFrame(bytes->data())));
    }
    send(std::move(bytes), !open_->json);
    return true;
  }
  past_first_ = !past_first_;
  if (past_first_) return send_past() || send_live();
  return send_live() || send_past();
}

bool BrowserView::send_live() {
  if (!viewing_) return false;
  LiveCounters& counters = around_.counters;
  auto message = cursor_->next(watch_->picture(), around_.clock.monotonic_us());
  const Cursor::Counts counts = cursor_->take_counts();
  counters.conflated += counts.conflated;
  counters.snapshots += counts.snapshots;
  if (!message) return false;
  ++(message->shared ? counters.frames_shared : counters.frames_own);
  (message->shared ? counters.bytes_shared : counters.bytes_own) += message->bytes->size();
  send(std::move(message->bytes), !open_->json);
  return true;
}

bool BrowserView::send_past() {
  auto message = past_->next();
  if (!message) return false;
  const bool is_frame = message->frame != nullptr;
  std::shared_ptr<const std::string> bytes = std::move(message->frame);
  if (!is_frame) {
    bytes = std::make_shared<const std::string>(std::move(message->text));
  } else if (open_->json) {
    bytes = std::make_shared<const std::string>(json_of(*wire::GetFrame(bytes->data())));
  }
  around_.counters.bytes_own += bytes->size();
  send(std::move(bytes), is_frame && !open_->json);
  return true;
}

void BrowserView::send(std::shared_ptr<const std::string> bytes, bool binary) {
  sent_us_ = around_.clock.monotonic_us();
  socket_->send(std::move(bytes), binary);
}

void BrowserView::wake_for_pace() {
  const std::int64_t at_us = cursor_->wakeup_us(watch_->picture());
  if (at_us == pace_at_us_ || at_us == Cursor::kNever) return;
  const std::int64_t now_us = around_.clock.monotonic_us();
  // What is due already waits for the socket; unless it came due since it was looked at.
  if (at_us <= now_us && socket_->sending()) return;
  pace_at_us_ = at_us;
  const std::int64_t left_us = std::max<std::int64_t>(at_us - now_us, 1);
  pace_timer_.after(std::chrono::milliseconds((left_us + 999) / 1000), [this] {
    pace_at_us_ = Cursor::kNever;
    pump();
  });
}

void BrowserView::look_at_catch_up() {
  if (catch_up_ != nullptr) {
    if (catch_up_ready_ && cursor_->early_waiting() == 0) take_catch_up();
    return;
  }
  const auto from_seq = cursor_->wants_early(watch_->picture());
  // When all are in use it is looked at again with the next frame or second.
  if (!from_seq || around_.tally.catch_ups >= around_.options.catch_ups_max) return;
  start_catch_up(*from_seq);
}

void BrowserView::start_catch_up(std::uint64_t from_seq) {
  ++around_.counters.catch_ups_opened;
  catch_up_ready_ = false;
  const std::weak_ptr<int> alive = alive_;
  Net& net = around_.net;
  catch_up_ =
      std::make_shared<CatchUp>(watch_->link_options(), watch_->grant(), from_seq,
                                watch_->picture().events().floor_seq(), [this, alive, &net] {
                                  net.post([this, alive] {
                                    if (alive.expired() || catch_up_ == nullptr) return;
                                    catch_up_ready_ = true;
                                    pump();
                                  });
                                });
  try {
    catch_up_stop_ = around_.yard.start(
        [catch_up = catch_up_](const std::atomic<bool>& stop) { catch_up->run(stop); },
        [&tally = around_.tally] { --tally.catch_ups; });
    ++around_.tally.catch_ups;
  } catch (const std::system_error&) {  // the machine has no thread left
    catch_up_.reset();
    catch_up_failed("the server has no thread left for it");
  }
}

void BrowserView::take_catch_up() {
  catch_up_ready_ = false;
  CatchUpBlock block = catch_up_->take();
  for (Said& said : block.said) cursor_->add_early(std::move(said));
  const std::uint64_t until_seq = catch_up_->until_seq();
  if (!block.failed.empty()) {
    end_catch_up();
    catch_up_failed(block.failed);
    return;
  }
  if (block.done) {
    end_catch_up();
    cursor_->end_early(watch_->picture(), until_seq);
  }
  pump();
}

void BrowserView::catch_up_failed(const std::string& why) {
  ++around_.counters.catch_ups_failed;
  close(closing::kEventsMissed, why, around_.counters.closed_catch_up);
}

void BrowserView::end_catch_up() {
  catch_up_ready_ = false;
  if (catch_up_ == nullptr) return;
  catch_up_stop_->store(true);
  catch_up_.reset();
}

}  // namespace vigie::web
