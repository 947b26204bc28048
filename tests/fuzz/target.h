#pragma once
// What fuzz targets share. A target stops the process where a promise is broken that no sanitizer
// sees.

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "schemas/model/checkpoint_pages.h"
#include "schemas/model/cut.h"
#include "schemas/model/picture.h"

namespace vigie::fuzz {

inline void require(bool holds, std::string_view what) {
  if (holds) return;
  std::cerr << "broken: " << what << "\n";
  std::abort();
}

inline Bytes bytes_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}

/// All that hub and console do with a verified body.
inline void use_body(Bytes body) {
  Picture picture;
  Ledger ledger;
  Folded folded;
  picture.fold(body, &folded);
  ledger.fold(body);
  for_each_kept(body, [](std::uint64_t, Bytes entry) {
    require(verify_body(entry).ok(), "a kept entry verifies");
  });
  EntryWriter writer;
  cut_body(body, View(), writer, [] {});
  if (!writer.empty()) {
    require(verify_body(writer.finish(0)->bytes()).ok(), "what is cut verifies");
  }
  Picture again;
  write_checkpoint(picture, ledger, [&](Bytes page) {
    require(verify_body(page).ok(), "a page verifies");
    again.fold(page);
    return true;
  });
  for (const Unit& unit : picture.units()) {
    if (unit.seq == 0) continue;
    require(again.find_unit(unit.name) != nullptr, "a unit is in the checkpoint");
    static_cast<void>(picture.find_card(unit.name));
  }
  for (const FoldedFixes& fixes : folded.fixes) {
    picture.forget_unit(text_of(fixes.fixes->unit()));
  }
}

}  // namespace vigie::fuzz
