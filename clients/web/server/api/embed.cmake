# cmake -DOUT=documents.cpp -DOPENAPI=openapi.json -DOGC=ogc_api.json -P embed.cmake: writes documents.cpp.
function(literal file result)
  file(READ ${file} text)
  if(text MATCHES "\\)VIGIE\"")
    message(FATAL_ERROR "${file} holds the end of its own literal")
  endif()
  set(${result} "R\"VIGIE(${text})VIGIE\"" PARENT_SCOPE)
endfunction()

literal(${OPENAPI} openapi)
literal(${OGC} ogc)
file(WRITE ${OUT} "// Made by embed.cmake.
#include \"clients/web/server/api/documents.h\"

namespace vigie::web::api {

std::string_view openapi_document() {
  return ${openapi};
}

std::string_view ogc_document() {
  return ${ogc};
}

}  // namespace vigie::web::api
")
