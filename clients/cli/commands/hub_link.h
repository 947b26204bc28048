#pragma once
// How a command reaches its hub, and as whom. Pure but for reading the surroundings.

#include <chrono>
#include <string>

#include "clients/cli/commands/exit_code.h"
#include "clients/cli/commands/options.h"
#include "schemas/keys/key_file.h"
#include "schemas/words/result.h"
#include "vigie/view.h"

namespace vigie::cli {

/// $XDG_CONFIG_HOME/vigie/identity.toml or ~/.config/vigie/identity.toml; empty when neither
/// variable is set.
std::string default_identity_path();

/// The key file to be used: --identity, else VIGIE_IDENTITY, else the default one where it exists;
/// empty: nobody (--plain, or there is none).
std::string identity_path(const HubOptions& options);

/// The link of a command; the hub is the one named, else the identity's, else 127.0.0.1:7700. Fails
/// with NotFound or Invalid when the key file can't be used.
Result<client::LinkOptions> link_of(const HubOptions& options, std::string_view command);

/// The key file of a command that needs one. Fails with NotFound, saying how to become somebody.
Result<KeyFile> own_key_file(const HubOptions& options);

/// How long the hub may be unheard where a command asks it one thing.
inline constexpr std::chrono::milliseconds kHubTimeout{10'000};

/// The command line was wrong: says so.
ExitCode usage(const Fault& fault);

}  // namespace vigie::cli
