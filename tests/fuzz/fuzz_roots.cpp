// Every message that is a FlatBuffer of its own: verified, then read whole.

#include "schemas/messages/checks.h"
#include "tests/fuzz/target.h"

namespace vigie {
namespace {

template <typename Root>
const Root* read(Bytes bytes) {
  if (!has_identifier<Root>(bytes)) return nullptr;
  const Root* root = verified<Root>(bytes);
  if (root == nullptr) return nullptr;
  const std::unique_ptr<typename Root::NativeTableType> native(root->UnPack());
  const std::vector<std::byte> again = packed<Root>(*native);
  fuzz::require(verified<Root>(again) != nullptr, "what was read can be written");
  return root;
}

}  // namespace
}  // namespace vigie

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie;
  const AlignedBytes copy(fuzz::bytes_of(data, size));
  const Bytes bytes = copy.bytes();
  read<wire::Hello>(bytes);
  read<wire::Welcome>(bytes);
  read<wire::Batch>(bytes);
  read<wire::Ack>(bytes);
  read<wire::Rehello>(bytes);
  read<wire::Rejected>(bytes);
  if (const wire::Open* open = read<wire::Open>(bytes)) check_open(*open);
  read<wire::Opened>(bytes);
  read<wire::Credit>(bytes);
  read<wire::Refill>(bytes);
  read<wire::Control>(bytes);
  read<wire::Close>(bytes);
  read<wire::Reopen>(bytes);
  read<wire::Denied>(bytes);
  read<wire::Heartbeat>(bytes);
  read<wire::ReplayState>(bytes);
  read<wire::Settled>(bytes);
  read<wire::Leaves>(bytes);
  read<wire::Ask>(bytes);
  read<wire::Told>(bytes);
  return 0;
}
