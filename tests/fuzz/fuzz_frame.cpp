// A frame as a console gets it: parsed, its blocks walked, its bodies folded.

#include "schemas/messages/frame.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie;
  const Bytes bytes = fuzz::bytes_of(data, size);
  const Result<Frame> frame = Frame::parse(bytes);
  if (!frame.ok()) return 0;
  frame->for_each_block([](const Block& block, std::int64_t) {
    if (block.header->kind() != wire::BlockKind::Leaves) return;
    for (const wire::Leave* leave : each(block.leaves().leaves())) {
      static_cast<void>(text_of(leave->unit()));
    }
  });
  const AlignedBytes copy(bytes);
  Bytes rest = copy.bytes().subspan(sizeof(wire::FrameHeader));
  for (std::uint32_t i = 0; i < frame->header().body_count(); ++i) {
    const auto* header = reinterpret_cast<const wire::BodyHeader*>(rest.data());
    fuzz::use_body(rest.first(header->bytes()));
    rest = rest.subspan(header->bytes());
  }
  return 0;
}
