#pragma once
// toml++ with the settings that the library was built with.
#include <toml++/toml.h>
