#include "../src/CellShape.h"

#include "StudyPhantom.h"

namespace serval
{
namespace
{

class CellShapes : public StudyPhantom
{
protected:
  std::map<std::string, std::string> Of(const std::string & text) { return ShapesOf(Plan(Read(text))); }
};

constexpr const char * otherSource = R"(
[[source]]
name = "levels"
labels = "threshold"
names = ["dark", "bright"]
segment = { method = "otsu", fillHoles = true }
[[arm]]
name = "tuned-levels"
strategy = "fine-tuning"
source = "levels"
)";

TEST_F(CellShapes, RepeatsSizesAndSourcesOfOneKindTakeAlike)
{
  const auto shapes = Of(std::string(goodStudy) + otherSource);
  EXPECT_EQ(shapes.at("scratch-n2-r0"), shapes.at("scratch-n6-r1"));
  EXPECT_EQ(shapes.at("tuned-n2-r0"), shapes.at("tuned-levels-n2-r0"));
  EXPECT_NE(shapes.at("tuned-n2-r0"), shapes.at("scratch-n2-r0"));
  EXPECT_NE(shapes.at("features-n2-r0"), shapes.at("tuned-n2-r0"));
}

TEST_F(CellShapes, AnotherNetworkOfTheSourceTakesOtherwise)
{
  const auto named = With(goodStudy, "[network]\nfilters = 4", "[[network]]\nname = \"small\"\nfilters = 4\n[[network]]\nname = \"wide\"\nfilters = 16");
  const auto wider = With(With(otherSource, "name = \"levels\"", "name = \"levels\"\nnetwork = \"wide\""), "source = \"levels\"", "source = \"levels\"\nnetwork = \"wide\"");
  const auto shapes = Of(named + wider);
  EXPECT_NE(shapes.at("tuned-n2-r0"), shapes.at("tuned-levels-n2-r0"));
}

TEST_F(CellShapes, OneOfEachIsChosenWithAllItNeeds)
{
  const auto plan = Plan(Read(std::string(goodStudy) + otherSource));
  const auto shapes = ShapesOf(plan);
  const auto chosen = OneOfEachShape(plan, shapes);
  EXPECT_LT(chosen.size(), plan.cells.size() / 2);
  std::set<std::string> all, covered;
  for (const auto & [id, shape] : shapes)
    all.insert(shape);
  for (const auto & id : chosen)
  {
    covered.insert(shapes.at(id));
    for (const auto & need : plan.At(id).needs)
      EXPECT_TRUE(chosen.contains(need)) << id << " needs " << need;
  }
  EXPECT_EQ(all, covered);
}

} // namespace
} // namespace serval
