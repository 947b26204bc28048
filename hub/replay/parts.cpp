#include "hub/replay/parts.h"

#include <algorithm>

namespace vigie::replay {
namespace {

bool is_batch(const Block& block) {
  return block.header->kind() == wire::BlockKind::Batch;
}

/// Events or states: what must stand before the fixes of a batch.
bool has_kept(const wire::Batch& batch) {
  return size_of(batch.events()) + size_of(batch.states()) != 0;
}

/// True when one Batch can list the body's entries in the order of their seqs.
bool is_one_run(Bytes body) {
  bool first = true;
  BlockWalk walk(body);
  while (const auto block = walk.next()) {
    if (!is_batch(*block)) continue;
    if (!first && has_kept(block->batch())) return false;
    first = false;
  }
  return true;
}

void cut_run(Bytes body, const View& view, std::size_t bytes_max, Parts& parts) {
  const std::int64_t known_us = header_of(body).known_time_us();
  const std::size_t goal = bytes_max - std::min<std::size_t>(bytes_max / 4, 8 * 1024);
  EntryWriter out;
  cut_body(body, view, out, [&] {
    if (out.bytes() >= goal) add_limited(out.finish(known_us), bytes_max, parts);
  });
  if (!out.empty()) add_limited(out.finish(known_us), bytes_max, parts);
}

Parts divided(const Body& body, std::size_t goal) {
  static const View kEverything;
  Parts halves;
  EntryWriter out;
  cut_body(body.bytes(), kEverything, out, [&] {
    if (out.bytes() >= goal) halves.push_back(out.finish(body.known_time_us()));
  });
  if (!out.empty()) halves.push_back(out.finish(body.known_time_us()));
  return halves;
}

/// Calls sink(body) with the batches of `body`, so many at a time as make one run.
template <typename Sink>
void for_each_run(Bytes body, const Sink& sink) {
  const wire::BodyHeader& header = header_of(body);
  BodyBuilder run(sizeof(wire::FrameHeader) + body.size());
  const auto close = [&] {
    if (run.empty()) return;
    sink(run.close(header.first_seq(), header.last_seq(), header.known_time_us()));
  };
  BlockWalk walk(body);
  while (const auto block = walk.next()) {
    if (!is_batch(*block)) continue;
    if (has_kept(block->batch())) close();
    run.append(wire::BlockKind::Batch, block->payload, block->header->count(),
               block->header->first_seq());
  }
  close();
}

}  // namespace

Contents contents_of(Bytes body) {
  Contents contents;
  BlockWalk walk(body);
  while (const auto block = walk.next()) {
    if (is_batch(*block)) {
      contents.entries += block->header->count();
    } else {
      contents.only_batches = false;
    }
  }
  return contents;
}

void add_limited(BodyPtr body, std::size_t bytes_max, Parts& parts) {
  if (body->bytes().size() <= bytes_max || contents_of(body->bytes()).entries <= 1) {
    parts.push_back(std::move(body));
    return;
  }
  // A large entry came behind others: half by half, or else each by itself, they fit.
  Parts halves = divided(*body, body->bytes().size() / 2);
  if (halves.size() == 1) halves = divided(*body, 0);
  if (halves.size() == 1) {
    parts.push_back(std::move(body));
    return;
  }
  for (BodyPtr& half : halves) add_limited(std::move(half), bytes_max, parts);
}

void cut_in_order(Bytes body, const View& view, std::size_t bytes_max, Parts& parts) {
  if (is_one_run(body)) return cut_run(body, view, bytes_max, parts);
  for_each_run(body, [&](const BodyPtr& run) { cut_run(run->bytes(), view, bytes_max, parts); });
}

void copy_batches(Bytes body, std::size_t bytes_max, Parts& parts) {
  const wire::BodyHeader& header = header_of(body);
  BodyBuilder copy(sizeof(wire::FrameHeader) + body.size());
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  BlockWalk walk(body);
  while (const auto block = walk.next()) {
    if (!is_batch(*block)) continue;
    if (first == 0) first = block->header->first_seq();
    last = block->header->first_seq() + block->header->count() - 1;
    copy.append(wire::BlockKind::Batch, block->payload, block->header->count(),
                block->header->first_seq());
  }
  if (!copy.empty()) add_limited(copy.close(first, last, header.known_time_us()), bytes_max, parts);
}

}  // namespace vigie::replay
