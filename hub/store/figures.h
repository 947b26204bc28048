#pragma once
// The store's figures, for metrics and the status page. Any thread; costs some microseconds and a
// look at the write-ahead log's files.

#include "hub/store/builder.h"

namespace vigie::store {

std::vector<std::pair<std::string, double>> figures(const Sources& sources, const Writer& writer,
                                                    const Builder& builder);

}  // namespace vigie::store
