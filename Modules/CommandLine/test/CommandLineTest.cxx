#include "serval/CommandLine/Application.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include "Support.h"

#include <gtest/gtest.h>

#include <chrono>
#include <sstream>
#include <thread>

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
  std::string              mode = "fast", verdict;
  double                   probability = 0;
  bool                     noAugmentation = false;
  std::vector<std::string> names;
  int                      runs = 0;
  Fault                    failure = Fault::Internal;
  bool                     fails = false;
  std::chrono::milliseconds pause{};

  Description Describe() const override
  {
    return { "ServalSample", "sample", "Sample", "Serval.Test", "Takes a & b < c." };
  }
  void Declare(Parameters & p) override
  {
    p.Add("input", &input, "What is read").In("image", ".nrrd,.nii.gz").Positional(0);
    p.Add("output", &output, "What is written").Out("label").Optional().Reference("input");
    p.AddResult("verdict", &verdict, "What was found");
    p.AddResult("probability", &probability, "How sure");
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
    std::this_thread::sleep_for(pause);
    context.Say("a < \"b\"");
    verdict = "fine\nand good";
    probability = 0.1 + 0.2;
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
                           "</filter-start>\n<filter-progress>0.5000</filter-progress>\na &lt; &quot;b&quot;\n<filter-progress>1.0000"
                           "</filter-progress>\n<filter-end>\n<filter-comment>Done</filter-comment>\n</filter-end>\n");
}

// A host takes silence for a hanging module.
TEST_F(CommandLine, ProgressComesEachSecondAlsoWhileNothingIsReported)
{
  Sample sample;
  sample.pause = std::chrono::milliseconds(2300);
  const auto  output = RunWith(sample, { image, "--progress", "xml" }).output;
  std::size_t beats = 0;
  for (auto at = output.find(">0.5000<"); at != std::string::npos; at = output.find(">0.5000<", at + 1))
    ++beats;
  EXPECT_GE(beats, 3U) << output;
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
  EXPECT_NE(answer.output.find("<image type=\"label\" reference=\"input\">"), std::string::npos);
  EXPECT_NE(answer.output.find("<constraints><minimum>1</minimum><maximum>10</maximum><step>1</step></constraints>"),
            std::string::npos);
  EXPECT_EQ(answer.output, RunWith(sample, { "--xml" }).output);
}

TEST_F(CommandLine, HelpNamesEveryOptionAndHelpAllExplainsIt)
{
  Sample     sample;
  const auto help = RunWith(sample, { "--help" }).output, all = RunWith(sample, { "--help-all" }).output;
  for (const char * word : { "--size", "--count", "--rate", "--mode", "--noAugmentation", "--names", "--output", "--json", "--log",
                             "--progress", "--xml", "--version", "--echo", "--quiet", "What is read (needed)" })
  {
    EXPECT_NE(help.find(word), std::string::npos) << word;
    EXPECT_NE(all.find(word), std::string::npos) << word;
  }
  for (const char * word : { "[0.5]", "fast|exact", "Size (x,y,z) [4,5,6]" })
  {
    EXPECT_EQ(help.find(word), std::string::npos) << word;
    EXPECT_NE(all.find(word), std::string::npos) << word;
  }
}

TEST_F(CommandLine, ResultsGoToTheHostsFileWhole)
{
  Sample     sample;
  const auto file = (folder / "results of ü.txt").string();
  const auto answer = RunWith(sample, { "--returnparameterfile", file, image, "--progress", "none" });
  EXPECT_EQ(answer.code, 0) << answer.error;
  EXPECT_EQ(support::ReadFile(file), "verdict = fine and good\nprobability = 0.30000000000000004\n");
  const auto xml = RunWith(sample, { "--xml" }).output;
  EXPECT_NE(xml.find("<name>verdict</name>\n      <description>What was found</description>\n      <label>Verdict</label>\n"
                     "      <default>"),
            std::string::npos);
  EXPECT_EQ(xml.find("<longflag>verdict"), std::string::npos);
  EXPECT_EQ(RunWith(sample, { "--verdict", "x", image }).code, 2);
}

TEST_F(CommandLine, TheLogIsAnObjectALine)
{
  const auto log = (folder / "a log.jsonl").string();
  Sample     sample, failing;
  EXPECT_EQ(RunWith(sample, { image, "--progress", "none", "--log", log }).code, 0);
  failing.fails = true;
  EXPECT_EQ(RunWith(failing, { image, "--progress", "none", "--log", log }).code, 5);
  const auto text = support::ReadFile(log);
  const auto lines = Split(Trim(text), '\n');
  EXPECT_EQ(lines.size(), 9U) << text; // start, progress, say, progress, end; start, progress, say, end
  for (const auto & line : lines)
    EXPECT_TRUE(line.starts_with("{\"time\":\"20") && line.ends_with('}')) << line;
  EXPECT_NE(lines[2].find(R"("text":"a < \"b\"")"), std::string::npos) << lines[2];
  EXPECT_NE(lines[4].find(R"("event":"end","exit":0,"error":"")"), std::string::npos) << lines[4];
  EXPECT_NE(lines[8].find(R"("exit":5,"error":"it failed")"), std::string::npos) << lines[8];
}

TEST_F(CommandLine, QuietSaysNothing)
{
  Sample     sample;
  const auto answer = RunWith(sample, { image, "--quiet" });
  EXPECT_EQ(answer.code, 0);
  EXPECT_TRUE(answer.output.empty() && answer.error.empty()) << answer.output << answer.error;
}

TEST_F(CommandLine, EveryShellCompletesWhatIsDeclared)
{
  Sample     sample;
  const auto bash = RunWith(sample, { "--completion", "bash" }).output, zsh = RunWith(sample, { "--completion", "zsh" }).output,
             fish = RunWith(sample, { "--completion", "fish" }).output;
  for (const auto & text : { bash, zsh, fish })
    for (const char * word : { "mode", "fast exact", "noAugmentation", "log", "quiet" })
      EXPECT_NE(text.find(word), std::string::npos) << word << " in " << text;
  for (const auto & text : { bash, zsh, fish })
    EXPECT_EQ(text.find("verdict"), std::string::npos);
  EXPECT_EQ(RunWith(sample, { "--completion", "csh" }).code, 2);
}

TEST_F(CommandLine, TheManualPageNamesEveryOption)
{
  Sample     sample;
  const auto page = RunWith(sample, { "--man" }).output;
  EXPECT_TRUE(page.starts_with(".TH SERVAL-SAMPLE 1 ")) << page;
  for (const char * word : { ".SH NAME", ".SH SYNOPSIS", ".SS Method", "\\-\\-noAugmentation", "\\-\\-quiet", ".SH EXIT STATUS" })
    EXPECT_NE(page.find(word), std::string::npos) << word;
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
