// `vigie status`: the hub's own account of itself, over HTTP.

#include <curl/curl.h>
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "clients/cli/commands/hub_link.h"
#include "clients/cli/commands/options.h"
#include "clients/cli/commands/status_text.h"
#include "clients/cli/commands/track_plan.h"
#include "clients/cli/outputs/terminal.h"
#include "clients/cli/sources/byte_stream.h"

namespace vigie::cli {
namespace {

constexpr std::size_t kAnswerBytesMax = 16 * 1024 * 1024;

/// libcurl hands over the answer in pieces; fewer bytes taken than given end the transfer.
std::size_t take_piece(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& answer = *static_cast<std::string*>(user);
  if (answer.size() + size * count > kAnswerBytesMax) return 0;
  answer.append(bytes, size * count);
  return size * count;
}

/// libcurl asks about once a second, and more often while bytes come.
int take_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<StopSignals*>(user)->requested() ? 1 : 0;
}

struct Answer {
  long code = 0;
  std::string body;
};

/// Fails with Unavailable when there is no answer, and with Closed when a signal ended the waiting.
Result<Answer> get(const std::string& url, std::chrono::milliseconds timeout, StopSignals& stop) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(),
                                                                 curl_easy_cleanup);
  if (!curl) return Fault{FaultCode::Internal, "libcurl cannot be started"};
  Answer answer;
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http");
  // The hub is reached as it is named, whatever proxy the surroundings set.
  curl_easy_setopt(curl.get(), CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, take_piece);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer.body);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, take_progress);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &stop);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code == CURLE_ABORTED_BY_CALLBACK) {
    return Fault{FaultCode::Closed, "stopped before the hub had answered"};
  }
  if (code != CURLE_OK) {
    return Fault{FaultCode::Unavailable, fmt::format("{}: {}", url, curl_easy_strerror(code))};
  }
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer.code);
  return answer;
}

Result<std::string> status_url(const std::string& hub) {
  const auto parts = parse_host_port(hub, true);
  if (!parts || std::stoi(parts->second) > 65'533) {
    return Fault{FaultCode::Invalid, fmt::format("--hub '{}' is not HOST:PORT", hub)};
  }
  const std::string& host = parts->first;
  return fmt::format("http://{}:{}/status",
                     host.find(':') == std::string::npos ? host : "[" + host + "]",
                     std::stoi(parts->second) + 2);
}

}  // namespace

ExitCode run_status(const StatusOptions& options, StopSignals& stop) {
  const auto link = link_of(options.hub, "status");
  const auto url = link ? status_url(link->hub) : Result<std::string>(link.fault());
  const auto timeout = parse_timeout(options.hub.timeout, std::chrono::milliseconds(10'000));
  if (!url || !timeout) {
    say(!url ? url.fault().sentence : timeout.fault().sentence);
    return ExitCode::Usage;
  }
  const auto answer = get(*url, *timeout, stop);
  if (!answer) {
    say(answer.fault().sentence);
    return answer.fault().code == FaultCode::Closed ? ExitCode::Unfinished : ExitCode::Unreachable;
  }
  if (answer->code != 200) {
    say(fmt::format("{}: HTTP {}: {}", *url, answer->code, answer->body.substr(0, 200)));
    return ExitCode::Failure;
  }
  const auto status = nlohmann::ordered_json::parse(answer->body, nullptr, false);
  if (status.is_discarded() || !status.is_object()) {
    say(fmt::format("{}: the answer is not a JSON object", *url));
    return ExitCode::Failure;
  }
  const auto wrote =
      write_out(options.format == "json" ? status.dump() + "\n" : status_text(status));
  return wrote ? ExitCode::Ok : failed(wrote.fault());
}

}  // namespace vigie::cli
