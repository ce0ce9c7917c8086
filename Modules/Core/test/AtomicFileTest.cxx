#include "serval/Core/AtomicFile.h"
#include "serval/Core/BackgroundSync.h"
#include "serval/Core/Error.h"

#include "Support.h"

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace serval
{

using support::Names;

TEST(AtomicOutput, AppearsOnlyByCommit)
{
  const support::TemporaryFolder folder;
  {
    AtomicOutput output(folder / "a.txt");
    support::WriteFile(output.Path(), "new");
    EXPECT_FALSE(std::filesystem::exists(folder / "a.txt"));
    output.Commit();
  }
  EXPECT_EQ(Names(folder.Path()), std::vector<std::string>{ "a.txt" });
  EXPECT_EQ(support::ReadFile(folder / "a.txt"), "new");
}

TEST(AtomicOutput, WithoutCommitTheOldFileStays)
{
  const support::TemporaryFolder folder;
  support::WriteFile(folder / "a.txt", "old");
  {
    AtomicOutput output(folder / "a.txt");
    support::WriteFile(output.Path(), "half");
  }
  EXPECT_EQ(Names(folder.Path()), std::vector<std::string>{ "a.txt" });
  EXPECT_EQ(support::ReadFile(folder / "a.txt"), "old");
}

TEST(AtomicOutput, FoldersReplaceWhole)
{
  const support::TemporaryFolder folder;
  for (const std::string content : { "one", "two" })
  {
    AtomicOutput output(folder / "c.cache", AtomicOutput::Kind::Folder);
    support::WriteFile(output.Path() / content, content);
    output.Commit();
  }
  EXPECT_EQ(Names(folder.Path()), std::vector<std::string>{ "c.cache" });
  EXPECT_EQ(Names(folder / "c.cache"), std::vector<std::string>{ "two" });
}

/// A process that is killed while it writes the file; to be waited for.
pid_t KilledHalfway(const std::filesystem::path & file)
{
  const pid_t child = ::fork();
  if (child == 0)
  {
    AtomicOutput output(file);
    support::WriteFile(output.Path(), "half");
    ::raise(SIGKILL);
  }
  return child;
}

TEST(AtomicOutput, WhatAKilledProcessLeftIsRemovedByTheNext)
{
  const support::TemporaryFolder folder;
  const pid_t                    child = KilledHalfway(folder / "a.txt");
  ::waitpid(child, nullptr, 0);
  ASSERT_EQ(Names(folder.Path()).size(), 1U); // the hidden half
  WriteTextFile(folder / "a.txt", "whole");
  EXPECT_EQ(Names(folder.Path()), std::vector<std::string>{ "a.txt" });
}

// Not waited for, it stays in the table of processes.
TEST(AtomicOutput, AKilledProcessOfWhichNobodyTookNoticeIsDead)
{
  const support::TemporaryFolder folder;
  const pid_t                    child = KilledHalfway(folder / "a.txt");
  siginfo_t ended{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
  ASSERT_EQ(Names(folder.Path()).size(), 1U);
  AtomicOutput(folder / "a.txt");
  EXPECT_TRUE(Names(folder.Path()).empty());
  ::waitpid(child, nullptr, 0);
}

TEST(AtomicOutput, AnInterruptedProcessLeavesNothing)
{
  for (const int signal : { SIGTERM, SIGINT })
  {
    const support::TemporaryFolder folder;
    const pid_t                    child = ::fork();
    if (child == 0)
    {
      InstallInterruptCleanup();
      AtomicOutput output(folder / "a.txt");
      support::WriteFile(output.Path(), "half");
      support::WriteFile(folder / "ready", "");
      ::sleep(30);
      ::_exit(0);
    }
    while (!std::filesystem::exists(folder / "ready"))
      ::usleep(1000);
    ::kill(child, signal);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal);
    EXPECT_EQ(Names(folder.Path()), std::vector<std::string>{ "ready" });
  }
}

TEST(AtomicOutput, TellsWhatIsInTheWay)
{
  const support::TemporaryFolder folder;
  const auto                     kind = [&](const std::string & name, std::uint64_t bytes) {
    try
    {
      AtomicOutput output(folder.Path() / name, AtomicOutput::Kind::File, bytes);
    }
    catch (const Error & e)
    {
      return e.Kind();
    }
    return Fault::Internal;
  };
  std::filesystem::create_directory(folder / "taken");
  EXPECT_EQ(kind("missing/a.txt", 0), Fault::Input);
  EXPECT_EQ(kind("taken", 0), Fault::Usage);
  EXPECT_EQ(kind("a.txt", 1ULL << 60), Fault::Environment);
  EXPECT_EQ(Names(folder.Path()), std::vector<std::string>{ "taken" });
}

TEST(BackgroundSync, FinishWaitsForAllFilesAndTellsWhichFailed)
{
  const support::TemporaryFolder folder;
  BackgroundSync                 sync;
  EXPECT_NO_THROW(sync.Finish());
  for (const std::string name : { "a", "b", "c" })
  {
    AtomicOutput output(folder / name);
    support::WriteFile(output.Path(), name);
    output.Commit(AtomicOutput::Durability::Later);
    sync.Add(folder / name);
  }
  EXPECT_NO_THROW(sync.Finish());
  EXPECT_EQ(Names(folder.Path()), (std::vector<std::string>{ "a", "b", "c" }));

  sync.Add(folder / "gone");
  sync.Add(folder / "a");
  try
  {
    sync.Finish();
    FAIL() << "a file that is not there was synced";
  }
  catch (const Error & error)
  {
    EXPECT_EQ(error.Kind(), Fault::Environment);
    EXPECT_NE(std::string(error.what()).find("gone"), std::string::npos) << error.what();
  }
}

TEST(BackgroundSync, EndsWithFilesStillWaiting)
{
  const support::TemporaryFolder folder;
  support::WriteFile(folder / "a", "content");
  for (int repeat = 0; repeat < 20; ++repeat)
  {
    BackgroundSync sync;
    for (int file = 0; file < 50; ++file)
      sync.Add(folder / "a");
  }
}

} // namespace serval
