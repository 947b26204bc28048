#include "schemas/keys/core_dumps.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace vigie {
namespace {

TEST(CoreDumps, are_not_written_of_a_process_that_holds_secrets) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (!keep_out_of_core_dumps() || ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) ::_exit(1);
    std::signal(SIGABRT, SIG_DFL);
    ::raise(SIGABRT);
    ::_exit(2);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "exit " << WEXITSTATUS(status);
  EXPECT_EQ(WTERMSIG(status), SIGABRT);
  EXPECT_FALSE(WCOREDUMP(status));
}

}  // namespace
}  // namespace vigie
