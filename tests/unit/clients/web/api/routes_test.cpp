#include "clients/web/server/api/routes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "clients/web/server/accounts/accounts.h"
#include "clients/web/server/api/documents.h"

namespace vigie::web::api {
namespace {

using Json = nlohmann::json;
using Names = std::set<std::pair<std::string, std::string>>;  // method, path

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

Names described(std::string_view document, const std::string& folder) {
  Names names;
  const Json json = Json::parse(document);
  for (const auto& [path, methods] : json["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      names.emplace(upper(method), path == "/" && !folder.empty() ? folder : folder + path);
    }
  }
  return names;
}

/// Every $ref of a document leads somewhere in it.
void expect_refs_lead_somewhere(const Json& part, const Json& document) {
  if (part.is_object() && part.contains("$ref")) {
    const auto target = part["$ref"].get<std::string>().substr(1);
    EXPECT_TRUE(document.contains(Json::json_pointer(target))) << target;
  }
  if (!part.is_structured()) return;
  for (const Json& inner : part) expect_refs_lead_somewhere(inner, document);
}

/// With '*' in the place of what differs.
std::string without_names(const std::string& path) {
  return std::regex_replace(path, std::regex("\\{[a-z]+\\}"), "*");
}

TEST(OpenApi, DescribesEveryRouteAndNoOther) {
  Names expected{{"GET", std::string(kFeedPath)}};
  for (const Route& route : routes()) {
    if (route.path.starts_with("/api/")) expected.emplace(route.method, route.path);
  }
  Names found;
  for (const auto& [method, path] : described(openapi_document(), "")) {
    if (!Accounts::handles(path)) found.emplace(method, path);
  }
  EXPECT_EQ(found, expected);
}

TEST(OpenApi, DescribesEveryEndpointOfAccounts) {
  Names expected;
  for (const auto& [method, path] : Accounts::endpoints()) expected.emplace(method, path);
  Names found;
  for (const auto& [method, path] : described(openapi_document(), "")) {
    if (Accounts::handles(path)) found.emplace(method, without_names(path));
  }
  EXPECT_EQ(found, expected);
}

TEST(OpenApi, OfOgcDescribesEveryRouteAndNoOther) {
  Names expected;
  for (const Route& route : routes()) {
    const std::string path(route.path);
    if (!path.starts_with("/ogc")) continue;
    if (!path.starts_with("/ogc/collections/{collection}/items")) {
      expected.emplace(route.method, path);
      continue;
    }
    for (const std::string collection : {"units", "events", "tracks"}) {
      expected.emplace(route.method,
                       "/ogc/collections/" + collection +
                           path.substr(std::string("/ogc/collections/{collection}").size()));
    }
  }
  EXPECT_EQ(described(ogc_document(), "/ogc"), expected);
}

TEST(OpenApi, HasNoReferenceThatLeadsNowhere) {
  for (const std::string_view text : {openapi_document(), ogc_document()}) {
    const Json document = Json::parse(text);
    expect_refs_lead_somewhere(document, document);
  }
}

TEST(Routes, GiveTheirParts) {
  const Found found = find_route("GET", "/api/v1/units/alpha/v1/track");
  ASSERT_NE(found.route, nullptr);
  EXPECT_EQ(found.route->path, "/api/v1/units/{owner}/{name}/track");
  EXPECT_EQ(found.parts, (std::vector<std::string>{"alpha", "v1"}));
}

TEST(Routes, TakeHeadAsGet) {
  EXPECT_NE(find_route("HEAD", "/api/v1/me").route, nullptr);
}

TEST(Routes, SayWhichMethodsAPathHas) {
  const Found found = find_route("DELETE", "/api/v1/events");
  EXPECT_EQ(found.route, nullptr);
  EXPECT_EQ(found.allow, "GET, HEAD, POST");
  EXPECT_EQ(find_route("POST", "/ogc").allow, "GET, HEAD");
}

TEST(Routes, OfOtherPathsAreNone) {
  for (const char* path : {"/api", "/api/v1", "/api/v1/units/alpha", "/api/v1/units/a/b/c",
                           "/api/v2/units", "", "/ogc/collections/units/items/a/b"}) {
    const Found found = find_route("GET", path);
    EXPECT_EQ(found.route, nullptr) << path;
    EXPECT_TRUE(found.allow.empty()) << path;
  }
}

}  // namespace
}  // namespace vigie::web::api
