#pragma once
// Result<T>: what may fail returns one of these; dropping it is a compiler warning, and warnings
// are errors. A Fault is an error that a caller can act on: a code to branch on and a sentence that
// names the values. Any thread; values own their text.

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace vigie {

enum class FaultCode {
  Invalid,      // bad input: the sentence names the field and the value
  NotFound,     // what was asked for is not there
  Unavailable,  // not now: try again
  DiskFull,     // no space; nothing was lost
  Damaged,      // stored bytes are wrong; the sentence names the range
  Io,           // a read, write or sync failed: what reached the disk is unknown
  Closed,       // the other side is gone or stopping
  Internal,     // a library failed in a way we do not expect
};

struct Fault {
  FaultCode code = FaultCode::Internal;
  std::string sentence;
};

/// T or a Fault. `value()` on a Fault is a programmer's mistake and throws.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : inner_(std::move(value)) {}  // NOLINT: implicit on purpose
  Result(Fault fault) : inner_(tl::unexpected<Fault>(std::move(fault))) {}  // NOLINT
  explicit operator bool() const { return inner_.has_value(); }
  bool ok() const { return inner_.has_value(); }
  T& value() { return inner_.value(); }
  const T& value() const { return inner_.value(); }
  T& operator*() { return *inner_; }
  const T& operator*() const { return *inner_; }
  T* operator->() { return &*inner_; }
  const T* operator->() const { return &*inner_; }
  const Fault& fault() const { return inner_.error(); }

 private:
  tl::expected<T, Fault> inner_;
};

/// Success or a Fault.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Fault fault) : inner_(tl::unexpected<Fault>(std::move(fault))) {}  // NOLINT
  explicit operator bool() const { return inner_.has_value(); }
  bool ok() const { return inner_.has_value(); }
  const Fault& fault() const { return inner_.error(); }

 private:
  tl::expected<void, Fault> inner_;
};

}  // namespace vigie
