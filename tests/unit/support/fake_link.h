#pragma once
// A Link for tests: what peers sent is put in by hand, what they were sent is kept to be looked at.

#include <cstring>
#include <deque>
#include <map>
#include <set>
#include <vector>

#include "hub/ops/link.h"

namespace vigie::test {

class FakeLink final : public ops::Link {
 public:
  using Message = std::vector<std::byte>;

  void put(const ops::PeerId& peer, std::span<const std::byte> bytes) {
    incoming_.emplace_back(peer, Message(bytes.begin(), bytes.end()));
  }
  /// From now on what the peer sends is this user's.
  void own(const ops::PeerId& peer, const std::string& user) { users_[peer] = user; }
  /// From now on it comes from there.
  void place(const ops::PeerId& peer, const std::string& address) { addresses_[peer] = address; }
  /// What the peer was sent and nobody has taken yet.
  std::deque<Message>& sent_to(const ops::PeerId& peer) { return outgoing_[peer]; }
  /// From now on the peer is not there.
  void cut(const ops::PeerId& peer) { gone_.insert(peer); }
  /// From now on the peer's queue is full, or not.
  void block(const ops::PeerId& peer, bool blocked) {
    if (blocked) {
      blocked_.insert(peer);
    } else {
      blocked_.erase(peer);
    }
  }
  bool has_incoming() const { return !incoming_.empty(); }

  std::shared_ptr<ops::SharedMessage> share(std::shared_ptr<const void> owner,
                                            std::span<const std::byte> bytes) override {
    return std::make_shared<Shared>(std::move(owner), bytes);
  }
  ops::Sent send(const ops::PeerId& peer, ops::SharedMessage& message) override {
    return send(peer, static_cast<Shared&>(message).view);
  }
  ops::Sent send(const ops::PeerId& peer, std::span<const std::byte> bytes) override {
    if (gone_.contains(peer)) return ops::Sent::Gone;
    if (blocked_.contains(peer)) return ops::Sent::Full;
    outgoing_[peer].emplace_back(bytes.begin(), bytes.end());
    return ops::Sent::Ok;
  }
  bool receive(const Sink& sink) override {
    if (incoming_.empty()) return false;
    const auto [peer, message] = std::move(incoming_.front());
    incoming_.pop_front();
    descriptors_.try_emplace(peer, static_cast<int>(descriptors_.size()) + 1);
    sink({.peer = peer, .user = users_[peer], .bytes = message, .descriptor = descriptors_[peer]});
    return true;
  }
  ops::Origin origin(const ops::Received& received) override {
    return {.descriptor = received.descriptor, .cookie = 1};
  }
  std::string address(const ops::Received& received) override {
    return addresses_[ops::PeerId(received.peer)];
  }
  void cut(const ops::Origin& origin) override {
    for (const auto& [peer, descriptor] : descriptors_) {
      if (descriptor == origin.descriptor) gone_.insert(peer);
    }
  }
  /// Whether the connection was cut, by either side.
  bool is_cut(const ops::PeerId& peer) const { return gone_.contains(peer); }

 private:
  struct Shared final : ops::SharedMessage {
    Shared(std::shared_ptr<const void> o, std::span<const std::byte> v)
        : owner(std::move(o)), view(v) {}
    std::size_t bytes() const override { return view.size(); }
    std::shared_ptr<const void> owner;
    std::span<const std::byte> view;
  };
  std::deque<std::pair<ops::PeerId, Message>> incoming_;
  std::map<ops::PeerId, std::deque<Message>> outgoing_;
  std::map<ops::PeerId, std::string> users_;
  std::map<ops::PeerId, std::string> addresses_;
  std::map<ops::PeerId, int> descriptors_;
  std::set<ops::PeerId> gone_;
  std::set<ops::PeerId> blocked_;
};

}  // namespace vigie::test
