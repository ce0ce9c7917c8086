#include "Support.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Visualization/Display.h"

#include <gtest/gtest.h>

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

namespace serval
{
namespace
{

/// A child process that runs `act` in this program and tells what went wrong, through a pipe; then it waits to be killed.
class Holder
{
public:
  template <typename TAct>
  explicit Holder(TAct act)
  {
    int ends[2];
    if (::pipe(ends) != 0)
      return;
    m_Process = ::fork();
    if (m_Process == 0)
    {
      std::string answer = "ready";
      try
      {
        act();
      }
      catch (const Error & e)
      {
        answer = std::to_string(static_cast<int>(e.Kind())) + ' ' + e.what();
      }
      answer += '\n';
      if (::write(ends[1], answer.data(), answer.size()) > 0)
        for (;;)
          ::pause();
      ::_exit(0);
    }
    ::close(ends[1]);
    char byte = 0;
    while (::read(ends[0], &byte, 1) == 1 && byte != '\n')
      m_Answer += byte;
    ::close(ends[0]);
  }
  ~Holder() { Kill(SIGKILL); }

  int Kill(int signal)
  {
    int status = 0;
    if (m_Process > 0 && ::kill(m_Process, signal) == 0)
      ::waitpid(std::exchange(m_Process, -1), &status, 0);
    return status;
  }
  const std::string & Answer() const { return m_Answer; }
  pid_t               Process() const { return m_Process; }

private:
  pid_t       m_Process = -1;
  std::string m_Answer;
};

// The Xvfb process that is a child of `parent`, or 0.
pid_t ServerOf(pid_t parent)
{
  for (const auto & entry : std::filesystem::directory_iterator("/proc"))
  {
    std::ifstream stat(entry.path() / "stat");
    std::string   number, name, state;
    pid_t         owner = 0;
    if (stat >> number >> name >> state >> owner && name == "(Xvfb)" && owner == parent)
      return static_cast<pid_t>(std::stol(number));
  }
  return 0;
}

bool EndsWithin(pid_t process, std::chrono::seconds limit)
{
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < deadline)
  {
    std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
    std::string   number, name, state;
    if (!(stat >> number >> name >> state) || state == "Z") // a zombie has ended; who reaps it is not ours
      return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

class PrivateDisplay : public testing::Test
{
protected:
  void SetUp() override
  {
    ::unsetenv("DISPLAY");
    if (::access("/usr/bin/Xvfb", X_OK) != 0)
      GTEST_SKIP() << "Xvfb is not installed";
  }
};

TEST_F(PrivateDisplay, EndsWhenItsHolderIsKilled)
{
  for (const int signal : { SIGKILL, SIGTERM })
  {
    Holder holder([] { RequireDisplay(); });
    ASSERT_EQ(holder.Answer(), "ready");
    const pid_t server = ServerOf(holder.Process());
    ASSERT_GT(server, 0);
    holder.Kill(signal);
    EXPECT_TRUE(EndsWithin(server, std::chrono::seconds(5))) << signal;
  }
}

TEST_F(PrivateDisplay, OutlivesTheThreadThatAskedForIt)
{
  Holder holder([] { std::thread(RequireDisplay).join(); });
  ASSERT_EQ(holder.Answer(), "ready");
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_GT(ServerOf(holder.Process()), 0);
}

TEST_F(PrivateDisplay, EndsAlsoWhereSignalsAreBlockedForTheCleanUp)
{
  Holder holder([] {
    InstallInterruptCleanup();
    RequireDisplay();
  });
  ASSERT_EQ(holder.Answer(), "ready");
  const pid_t server = ServerOf(holder.Process());
  ASSERT_GT(server, 0);
  const auto begin = std::chrono::steady_clock::now();
  const int  status = holder.Kill(SIGTERM);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
  EXPECT_TRUE(EndsWithin(server, std::chrono::seconds(5)));
}

TEST_F(PrivateDisplay, ADisplayThatDoesNotAnswerIsReplaced)
{
  Holder holder([] {
    ::setenv("DISPLAY", ":9876", 1);
    RequireDisplay();
    Require(std::string(::getenv("DISPLAY")) != ":9876", Fault::Internal, "still the dead display");
  });
  EXPECT_EQ(holder.Answer(), "ready");
  EXPECT_GT(ServerOf(holder.Process()), 0);
}

TEST_F(PrivateDisplay, ADisplayThatAnswersIsTaken)
{
  Holder holder([] {
    RequireDisplay();
    const std::string first = ::getenv("DISPLAY");
    RequireDisplay();
    Require(first == ::getenv("DISPLAY"), Fault::Internal, "a second display");
  });
  EXPECT_EQ(holder.Answer(), "ready");
}

TEST(MissingDisplay, SaysWhatToInstall)
{
  const support::TemporaryFolder empty;
  Holder                         holder([&empty] {
    ::unsetenv("DISPLAY");
    ::setenv("PATH", empty.Path().c_str(), 1);
    RequireDisplay();
  });
  EXPECT_EQ(holder.Answer().substr(0, 2), "4 ");
  EXPECT_NE(holder.Answer().find("install the package xvfb"), std::string::npos) << holder.Answer();
}

TEST(MissingDisplay, AServerThatFailsIsQuoted)
{
  const support::TemporaryFolder folder;
  support::WriteFile(folder / "Xvfb", "#!/bin/sh\necho 'no framebuffer today' >&2\nexit 1\n");
  std::filesystem::permissions(folder / "Xvfb", std::filesystem::perms::owner_all);
  Holder holder([&folder] {
    ::unsetenv("DISPLAY");
    ::setenv("PATH", folder.Path().c_str(), 1);
    RequireDisplay();
  });
  EXPECT_EQ(holder.Answer().substr(0, 2), "4 ");
  EXPECT_NE(holder.Answer().find("no framebuffer today"), std::string::npos) << holder.Answer();
}

} // namespace
} // namespace serval
