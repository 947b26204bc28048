#pragma once
// The descriptions of the API, as they lie beside this file (openapi.json, ogc_api.json), embedded
// at build time.

#include <string_view>

namespace vigie::web::api {

/// OpenAPI 3.1 of /api/v1.
std::string_view openapi_document();
/// OpenAPI 3.0 of /ogc; @BASE@ stands for the address, as a JSON text without its quotes.
std::string_view ogc_document();

}  // namespace vigie::web::api
