#include "clients/web/server/api/letter_box.h"

#include <fmt/format.h>

#include <algorithm>

#include "clients/web/server/api/json_text.h"
#include "clients/web/server/api/trouble.h"
#include "schemas/keys/hash.h"

namespace vigie::web::api {
namespace {

Response told(int status, const LetterBox::Message& message, bool settled) {
  std::string body;
  JsonText json(body);
  json.begin_object();
  json.text("name", message.name);
  json.flag("settled", settled);
  json.end_object();
  return json_response(status, body + "\n");
}

Response refused(const client::Delivery& delivery) {
  const bool forbidden =
      delivery.code == client::Refusal::NotEntitled || delivery.code == client::Refusal::Revoked;
  const std::string code =
      delivery.outcome == client::Outcome::GivenUp ? "given_up" : refusal_name(delivery.code);
  return problem(forbidden ? 403 : 422, code,
                 delivery.reason.empty() ? "the hub refused the event" : delivery.reason);
}

/// What is kept of a body: a key may stand for long, and a body be large.
std::string hash_of(const std::string& body) {
  const Hash hash = blake2b({octets(body)});
  return std::string(reinterpret_cast<const char*>(hash.data()), hash.size());
}

bool covers(const client::Delivery& delivery, std::uint64_t number) {
  return number >= delivery.first && number <= delivery.last;
}

}  // namespace

std::shared_ptr<LetterBox::Message> LetterBox::take(const Senders::Letter& letter,
                                                    Respond respond) {
  forget_old_keys();
  const Key key{letter.account, letter.key};
  const auto found = letter.key.empty() ? keys_.end() : keys_.find(key);
  if (found != keys_.end()) {
    const std::shared_ptr<Message> message = found->second;
    if (message->body != hash_of(letter.body)) {
      respond(problem(422, "idempotency_key_reused",
                      "this Idempotency-Key came with another event in the last minutes"));
      return nullptr;
    }
    ++counters_.repeated;
    add_waiting(*message, std::move(respond), letter.wait);
    if (message->outcome) {
      answer_settled(*message);
    } else if (std::find(open_.begin(), open_.end(), message) == open_.end()) {
      open_.push_back(message);
    }
    return nullptr;
  }
  auto message = std::make_shared<Message>();
  message->account = letter.account;
  message->key = letter.key;
  message->made_us = clock_.monotonic_us();
  add_waiting(*message, std::move(respond), letter.wait);
  open_.push_back(message);
  if (!letter.key.empty()) {
    message->body = hash_of(letter.body);
    keys_.emplace(key, message);
    by_age_.push_back(message);
  }
  return message;
}

void LetterBox::add_waiting(Message& message, Respond respond, bool for_settled) {
  if (!for_settled && !message.name.empty() && !message.outcome) {
    respond(told(202, message, false));
    return;
  }
  message.waiting.push_back(
      {std::move(respond), for_settled,
       clock_.monotonic_us() + std::chrono::microseconds(options_.settled_patience).count()});
}

void LetterBox::stored(const std::shared_ptr<Message>& message, const SpoolYard::Stored& stored) {
  ++counters_.sent;
  message->spool = stored.spool;
  message->number = stored.number;
  message->name = stored.name;
  message->tracker = stored.tracker;
  for (const auto& [spool, delivery] : recent_) {
    if (spool == stored.spool && covers(delivery, stored.number)) message->outcome = delivery;
  }
  if (message->outcome) return answer_settled(*message);
  // Those who wait for no more than this.
  std::erase_if(message->waiting, [&](const Message::Waiting& waiting) {
    if (waiting.for_settled) return false;
    waiting.respond(told(202, *message, false));
    return true;
  });
}

void LetterBox::failed(const std::shared_ptr<Message>& message, const Fault& fault) {
  ++counters_.failed;
  keys_.erase({message->account, message->key});
  Trouble why = trouble_of(fault);
  if (fault.code == FaultCode::Invalid) why.code = "bad_event";
  answer(*message, response_of(why));
}

void LetterBox::delivered(const std::string& spool, const client::Delivery& delivery) {
  recent_.emplace_back(spool, delivery);
  if (recent_.size() > kRecentMax) recent_.pop_front();
  const auto open = open_;
  for (const std::shared_ptr<Message>& message : open) {
    if (message->spool != spool || !covers(delivery, message->number)) continue;
    message->outcome = delivery;
    answer_settled(*message);
  }
  // Nobody waits for these any more; whoever asks again by the key is told.
  for (const auto& [key, message] : keys_) {
    if (message->spool == spool && covers(delivery, message->number)) message->outcome = delivery;
  }
}

void LetterBox::answer_settled(Message& message) {
  const client::Delivery& delivery = *message.outcome;
  if (delivery.outcome == client::Outcome::Settled) {
    ++counters_.settled;
    answer(message, told(200, message, true));
  } else {
    ++counters_.refused;
    answer(message, refused(delivery));
  }
}

void LetterBox::answer(Message& message, const Response& response) {
  for (const Message::Waiting& waiting : std::exchange(message.waiting, {})) {
    waiting.respond(response);
  }
  std::erase_if(open_, [&](const auto& other) { return other.get() == &message; });
}

Response LetterBox::late(const Message& message) const {
  if (message.name.empty()) {
    return problem(503, "not_stored", "the event did not come into the spool in time");
  }
  const auto tracker = message.tracker.lock();
  const std::string why = tracker == nullptr ? "" : tracker->stats().last_rejection_reason;
  Response response = problem(
      503, "not_settled",
      fmt::format("the hub did not settle event {} in {} s; it lies in this server's spool, and "
                  "goes as soon as the hub takes it{}{}",
                  message.name, options_.settled_patience.count() / 1000, why.empty() ? "" : ": ",
                  why));
  response.headers.emplace_back("Retry-After", "10");
  return response;
}

void LetterBox::expire() {
  const std::int64_t now_us = clock_.monotonic_us();
  for (const std::shared_ptr<Message>& message : open_) {
    std::erase_if(message->waiting, [&](const Message::Waiting& waiting) {
      if (waiting.until_us > now_us) return false;
      ++counters_.not_settled_in_time;
      waiting.respond(late(*message));
      return true;
    });
  }
  std::erase_if(open_, [](const auto& message) { return message->waiting.empty(); });
}

void LetterBox::forget_old_keys() {
  const std::int64_t valid_us = std::chrono::microseconds(options_.key_valid).count();
  const std::int64_t now_us = clock_.monotonic_us();
  while (!by_age_.empty()) {
    const auto message = by_age_.front().lock();
    const bool old = message == nullptr || now_us - message->made_us > valid_us;
    if (!old && by_age_.size() < options_.keys_max) return;
    if (message != nullptr) {
      const auto found = keys_.find({message->account, message->key});
      if (found != keys_.end() && found->second == message) keys_.erase(found);
    }
    by_age_.pop_front();
  }
}

SendersCounters LetterBox::counters() const {
  SendersCounters now = counters_;
  now.waiting = open_.size();
  return now;
}

}  // namespace vigie::web::api
