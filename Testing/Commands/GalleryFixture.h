#pragma once

#include "CommandSupport.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>

namespace serval::commands
{

/// A module that draws a gallery of an input, beside a cache of three cases' patches.
class GalleryFixture : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  GalleryFixture(std::string module, std::string input)
    : m_Module(std::move(module))
    , m_Input(std::move(input))
  {}
  std::string At(const std::string & name) const { return (folder / name).string(); }
  void        SetUp() override
  {
    WriteCohort(folder.Path(), 3);
    ASSERT_EQ(RunModule("ServalExtractPatches", Extraction(At("m.csv"), At("t.cache"))).code, 0);
  }
  support::CommandResult Run(Words more) const
  {
    more.insert(more.begin(), { At(m_Input), At("p.png"), "--json", At("p.json") });
    return RunModule(m_Module, more);
  }
  /// What the module says of the picture that it draws.
  std::string Drawn(const Words & more) const
  {
    const auto result = Run(more);
    EXPECT_EQ(result.code, 0) << result.error;
    EXPECT_TRUE(support::ReadFile(At("p.png")).starts_with("\x89PNG"));
    return result.output;
  }
  void Refused(const Words & more, int code, const std::string & words) const
  {
    std::filesystem::remove(At("p.png"));
    const auto result = Run(more);
    EXPECT_EQ(result.code, code) << words;
    EXPECT_NE(result.error.find(words), std::string::npos) << result.error;
    EXPECT_FALSE(std::filesystem::exists(At("p.png")));
  }

private:
  std::string m_Module, m_Input;
};

} // namespace serval::commands
