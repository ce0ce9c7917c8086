#include "serval/CommandLine/Application.h"

#include "serval/Core/Error.h"

#include "Support.h"

#include <gtest/gtest.h>

#include <sstream>

namespace serval::app
{
namespace
{

struct Sample final : Application
{
  std::filesystem::path    input, output;
  std::vector<int>         size{ 4, 5, 6 };
  int                      count = 3;
  double                   rate = 0.5;
  std::string              mode = "fast";
  bool                     noAugmentation = false;
  std::vector<std::string> names;
  int                      runs = 0;
  Fault                    failure = Fault::Internal;
  bool                     fails = false;

  Description Describe() const override
  {
    return { "ServalSample", "sample", "Sample", "Serval.Test", "Takes a & b < c." };
  }
  void Declare(Parameters & p) override
  {
    p.Add("input", &input, "What is read").In("image", ".nrrd,.nii.gz").Positional(0);
    p.Add("output", &output, "What is written").Out("label").Optional();
    p.Group("Method");
    p.Add("size", &size, "Size (x,y,z)").Range(1, 100);
    p.Add("count", &count, "Count").Range(1, 10).Letter('c');
    p.Add("rate", &rate, "Rate").Range(0, 1);
    p.Add("mode", &mode, "Mode").Choices({ "fast", "exact" });
    p.Add("noAugmentation", &noAugmentation, "Leave augmentation out");
    p.Add("names", &names, "Names");
  }
  void Run(Context & context) override
  {
    ++runs;
    context.progress.Report(0.5, "half");
    Require(!fails, failure, "it failed");
  }
};

struct Answer
{
  int         code;
  std::string output, error;
};

// RunChecked installs a signal thread; it is harmless in a test.
Answer RunWith(Sample & sample, std::vector<std::string> words)
{
  words.insert(words.begin(), "ServalSample");
  std::vector<char *> arguments;
  for (auto & word : words)
    arguments.push_back(word.data());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = Run(sample, static_cast<int>(arguments.size()), arguments.data());
  return { code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr() };
}

class CommandLine : public testing::Test
{
protected:
  support::TemporaryFolder folder;
  std::string              image = (folder / "a volume ü.nrrd").string();

  void SetUp() override { support::WriteFile(image, "x"); }
};

TEST_F(CommandLine, ValuesReachTheMembers)
{
  Sample     sample;
  const auto answer = RunWith(sample, { "--size", "7, 8,9", "-c", "5", "--rate", "1e-07", "--mode=exact", "--noAugmentation",
                                        "--names", "a", "--names", "b,c", "--progress", "none", image });
  ASSERT_EQ(answer.code, 0) << answer.error;
  EXPECT_EQ(sample.size, (std::vector<int>{ 7, 8, 9 }));
  EXPECT_EQ(sample.count, 5);
  EXPECT_EQ(sample.rate, 1e-7);
  EXPECT_EQ(sample.mode, "exact");
  EXPECT_TRUE(sample.noAugmentation);
  EXPECT_EQ(sample.names, (std::vector<std::string>{ "a", "b", "c" }));
  EXPECT_EQ(sample.input, image);
  EXPECT_TRUE(answer.error.empty());
}

TEST_F(CommandLine, WrongWordsAreUsageErrorsAndNothingRuns)
{
  const std::vector<std::vector<std::string>> wrong{
    {},                                  // positional missing
    { "--coumt", "3", image },           // unknown
    { "--count", "", image },            // empty number
    { "--count", "3x", image },          // no number
    { "--count", "11", image },          // outside
    { "--rate", "nan", image },          // not finite
    { "--mode", "fasst", image },        // not a choice
    { "--count", "1", "--count", "2", image },
    { image, "surplus" },
    { image, "--count" },
  };
  for (const auto & words : wrong)
  {
    Sample     sample;
    const auto answer = RunWith(sample, words);
    EXPECT_EQ(answer.code, 2) << testing::PrintToString(words) << answer.error;
    EXPECT_EQ(sample.runs, 0);
    EXPECT_FALSE(answer.error.empty());
  }
}

TEST_F(CommandLine, ATypoIsAnsweredWithTheRightWord)
{
  Sample sample;
  EXPECT_NE(RunWith(sample, { "--mode", "exakt", image }).error.find("did you mean 'exact'"), std::string::npos);
  EXPECT_NE(RunWith(sample, { "--coumt", "3", image }).error.find("did you mean --count"), std::string::npos);
}

TEST_F(CommandLine, EveryKindOfFaultHasItsExitCode)
{
  for (const auto fault : { Fault::Usage, Fault::Input, Fault::Environment, Fault::Internal })
  {
    Sample sample;
    sample.fails = true;
    sample.failure = fault;
    const auto answer = RunWith(sample, { image });
    EXPECT_EQ(answer.code, static_cast<int>(fault));
    EXPECT_EQ(answer.error, "ServalSample: it failed\n");
  }
  Sample sample;
  EXPECT_EQ(RunWith(sample, { (folder / "missing.nrrd").string() }).code, 3);
}

TEST_F(CommandLine, OnAPipeProgressIsSlicersXml)
{
  Sample     sample;
  const auto answer = RunWith(sample, { image, "--progress", "xml" });
  EXPECT_EQ(answer.output, "<filter-start>\n<filter-name>Sample</filter-name>\n<filter-comment>half</filter-comment>\n"
                           "</filter-start>\n<filter-progress>0.5000</filter-progress>\n<filter-progress>1.0000"
                           "</filter-progress>\n<filter-end>\n<filter-comment>Done</filter-comment>\n</filter-end>\n");
}

TEST_F(CommandLine, XmlFollowsSlicersOrderAndRules)
{
  Sample     sample;
  const auto answer = RunWith(sample, { "--xml" });
  EXPECT_EQ(answer.code, 0);
  EXPECT_TRUE(answer.error.empty());
  EXPECT_TRUE(answer.output.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<executable>"));
  EXPECT_TRUE(answer.output.ends_with("</executable>\n"));
  EXPECT_NE(answer.output.find("Takes a &amp; b &lt; c."), std::string::npos);
  EXPECT_NE(answer.output.find("<image fileExtensions=\".nrrd,.nii.gz\">\n      <name>input</name>\n      <index>0</index>\n"),
            std::string::npos);
  EXPECT_NE(answer.output.find("<image type=\"label\">"), std::string::npos);
  EXPECT_NE(answer.output.find("<constraints><minimum>1</minimum><maximum>10</maximum><step>1</step></constraints>"),
            std::string::npos);
  EXPECT_EQ(answer.output, RunWith(sample, { "--xml" }).output);
}

TEST_F(CommandLine, HelpNamesEveryOption)
{
  Sample     sample;
  const auto help = RunWith(sample, { "--help" }).output;
  for (const char * word : { "--size", "--count", "--rate", "--mode", "--noAugmentation", "--names", "--output", "--json",
                             "--progress", "--xml", "--version", "--echo", "[0.5]", "fast|exact" })
    EXPECT_NE(help.find(word), std::string::npos) << word;
}

TEST_F(CommandLine, SlicersOwnArgumentsAreTaken)
{
  Sample sample;
  const auto answer = RunWith(sample, { "--processinformationaddress", "0", "--echo", image, "--progress", "none" });
  EXPECT_EQ(answer.code, 0) << answer.error;
  EXPECT_NE(answer.output.find("count = 3"), std::string::npos);
}

} // namespace
} // namespace serval::app
