#pragma once

#include "CommandSupport.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace serval::commands
{

/// Patches of six patients: p0 to p3 train, p4 and p5 are for the test.
class FeatureFixture : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  std::string At(const std::string & name) const { return (folder.Path() / name).string(); }
  void        Good(const std::string & module, const Words & arguments) const
  {
    const auto result = RunModule(module, arguments);
    ASSERT_EQ(result.code, 0) << module << ": " << result.output << result.error;
  }
  static Words With(Words words, const Words & more)
  {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  void Refused(const std::string & module, const Words & arguments, int code, const std::string & text) const
  {
    const auto result = RunModule(module, With(arguments, { "--output", At("refused") }));
    EXPECT_EQ(result.code, code) << result.error;
    EXPECT_NE(result.error.find(text), std::string::npos) << result.error;
    EXPECT_FALSE(std::filesystem::exists(At("refused")));
  }
  void SetUp() override
  {
    WriteCohort(folder.Path(), 6);
    support::WriteFile(At("train.txt"), "p0\np1\np2\np3\n");
    support::WriteFile(At("test.txt"), "p4\np5\n");
    Good("ServalExtractPatches", Extraction(At("m.csv"), At("t.cache")));
  }
};

} // namespace serval::commands
