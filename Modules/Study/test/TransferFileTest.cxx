#include "serval/Core/Error.h"
#include "serval/Study/TransferFile.h"

#include "Support.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace serval
{
namespace
{

class Transfers : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  TransferFile Read(const std::string & stages) const
  {
    support::WriteFile(folder / "t.toml", "schema = \"serval-transfer/1\"\ntitle = \"Twice\"\n" + stages);
    return TransferFile::Read(folder / "t.toml");
  }
  std::string Refusal(const std::string & stages) const
  {
    return support::ErrorText([&] { Read(stages); }, Fault::Input);
  }
};

const std::string first = "[[stage]]\nname = \"textures\"\ntask = \"segment\"\ncache = \"a.cache\"\noptions = { steps = 30, filters = 8 }\n";

TEST_F(Transfers, StagesBecomeCommandsInARow)
{
  const auto transfer = Read(first + "[[stage]]\nname = \"organs\"\ntask = \"restore\"\ncache = \"b.cache\"\ninit = \"previous\"\nrates = [\"encoder*:0.1\", \"*:1\"]\n"
                                     "[[stage]]\nname = \"nodules\"\ntask = \"classify\"\ncache = \"c.cache\"\npatients = \"train.txt\"\ninit = \"textures\"\n"
                                     "freeze = \"upto:bottleneck\"\nreset = [\"decoder1\"]\n");
  ASSERT_EQ(transfer.stages.size(), 3U);
  const auto plan = PlanTransfer(transfer, folder / "out", "/modules");
  ASSERT_EQ(plan.cells.size(), 3U);
  EXPECT_EQ(plan.cells[0].needs, Words{});
  EXPECT_EQ(plan.cells[1].needs, Words{ "textures" });
  EXPECT_EQ(plan.cells[2].needs, Words{ "textures" });
  const auto & last = plan.cells[2].commands.front();
  EXPECT_EQ(last.front(), "/modules/ServalTrainClassifier");
  const auto after = [&](const Words & words, const std::string & option) {
    const auto found = std::find(words.begin(), words.end(), option);
    return found == words.end() ? std::string("missing") : *(found + 1);
  };
  EXPECT_EQ(after(last, "--source"), folder / "out/textures.safetensors");
  EXPECT_EQ(after(last, "--patients"), folder / "train.txt");
  EXPECT_EQ(after(last, "--freeze"), "upto:bottleneck");
  EXPECT_EQ(after(last, "--reset"), "decoder1");
  EXPECT_EQ(after(plan.cells[1].commands.front(), "--rates"), "encoder*:0.1,*:1");
  EXPECT_EQ(after(plan.cells[1].commands.front(), "--task"), "restore");
  EXPECT_EQ(after(plan.cells[0].commands.front(), "--filters"), "8");
}

TEST_F(Transfers, WrongStagesAreNamed)
{
  using support::ExpectHas;
  ExpectHas(Refusal(""), "no [[stage]]");
  ExpectHas(Refusal(first + first), "stands twice");
  ExpectHas(Refusal("[[stage]]\nname = \"a\"\ntask = \"segmint\"\ncache = \"c\"\n"), "did you mean 'segment'");
  ExpectHas(Refusal("[[stage]]\nname = \"a\"\ntask = \"segment\"\ncache = \"c\"\ninit = \"previous\"\n"), "no previous");
  ExpectHas(Refusal("[[stage]]\nname = \"a\"\ntask = \"segment\"\ncache = \"c\"\ninit = \"b\"\n"), "an earlier stage nor a model file");
  ExpectHas(Refusal("[[stage]]\nname = \"a b\"\ntask = \"segment\"\ncache = \"c\"\n"), "letters, digits");
  ExpectHas(Refusal("[[stage]]\nname = \"a\"\ntask = \"segment\"\ncache = \"c\"\nfreze = \"none\"\n"), "did you mean 'freeze'");
}

} // namespace
} // namespace serval
