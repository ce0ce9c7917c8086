#include "Samples.h"
#include "serval/Core/Error.h"
#include "serval/Evaluation/SegmentationSheet.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace serval
{
namespace
{

SegmentationRow Row(const std::string & patient, const std::string & label, std::optional<double> dice, const std::string & remark = "")
{
  SegmentationRow row{ patient, patient + label, label, remark, {} };
  row.numbers[0] = dice;
  return row;
}

TEST(MeanInterval, DrawsWholePatients)
{
  std::vector<PatientNumber> alone, together;
  std::mt19937_64            random(5);
  for (int p = 0; p < 30; ++p)
  {
    const double value = Uniform01(random);
    for (int row = 0; row < 4; ++row)
    {
      alone.push_back({ std::to_string(4 * p + row), value });
      together.push_back({ std::to_string(p), value });
    }
  }
  const auto wide = MeanInterval(together, {}), narrow = MeanInterval(alone, {});
  EXPECT_NEAR(wide.value, narrow.value, 1e-12);
  EXPECT_LT(wide.low, wide.value);
  EXPECT_GT(wide.high, wide.value);
  EXPECT_NEAR((wide.high - wide.low) / (narrow.high - narrow.low), 2, 0.3); // four equal rows tell as much as one
}

TEST(MeanInterval, IsTheAccuracysWhereNumbersAreRightOrWrong)
{
  const auto                 predictions = Clustered("m", 0.7, 2);
  std::vector<PatientNumber> right;
  for (const auto & row : predictions.rows)
    right.push_back({ row.patient, row.Decision() == row.truth ? 1.0 : 0.0 });
  for (const auto kind : { BootstrapPlan::Kind::Percentile, BootstrapPlan::Kind::Bca })
  {
    const BootstrapPlan plan{ 500, 0.9, 3, kind };
    const auto          accuracy = BootstrapInterval(predictions, Metric::Accuracy, plan), mean = MeanInterval(right, plan);
    EXPECT_NEAR(mean.value, accuracy.value, 1e-12);
    EXPECT_NEAR(mean.low, accuracy.low, 1e-12);
    EXPECT_NEAR(mean.high, accuracy.high, 1e-12);
  }
}

TEST(MeanInterval, HasNoLimitsForOnePatientAndRefusesNaN)
{
  const auto one = MeanInterval({ { "a", 0.5 }, { "a", 0.7 } }, {});
  EXPECT_NEAR(one.value, 0.6, 1e-12);
  EXPECT_TRUE(std::isnan(one.low));
  EXPECT_TRUE(std::isnan(MeanInterval({}, {}).value));
  EXPECT_THROW(MeanInterval({ { "a", std::nan("") } }, {}), Error);
}

TEST(SegmentationSheet, CountsWhatHasNoNumberAndAveragesTheRest)
{
  const auto sheet = SegmentationSheet::Of({ Row("p1", "liver", 0.8), Row("p1", "tumour", {}, "absent in both"), Row("p2", "liver", 0.6), Row("p2", "tumour", 0, "absent in the reference"),
                                             Row("p3", "liver", 0.7), Row("p3", "tumour", 0.5) }, {});
  ASSERT_EQ(sheet.labels.size(), 2U);
  EXPECT_EQ(sheet.labels[0].name, "liver");
  EXPECT_NEAR(sheet.labels[0].scores[0].mean.value, 0.7, 1e-12);
  EXPECT_NEAR(sheet.labels[0].scores[0].median, 0.7, 1e-12);
  EXPECT_TRUE(sheet.labels[0].remarks.empty());
  EXPECT_EQ(sheet.labels[1].scores[0].cases, 2U);
  EXPECT_NEAR(sheet.labels[1].scores[0].mean.value, 0.25, 1e-12);
  EXPECT_EQ(sheet.labels[1].remarks, (std::vector<std::pair<std::string, std::size_t>>{ { "absent in both", 1 }, { "absent in the reference", 1 } }));
  const auto text = sheet.ToText();
  EXPECT_NE(text.find("absent in both: 1 of 3 cases"), std::string::npos) << text;
  EXPECT_NE(text.find("no case has this number"), std::string::npos) << text;
  EXPECT_EQ(text.find("nan"), std::string::npos) << text;
  const auto json = nlohmann::json::parse(sheet.ToJson());
  EXPECT_TRUE(json.at("labels")[0].at("iou").at("value").is_null());
  EXPECT_EQ(json.at("labels")[1].at("remarks").at("absent in both"), 1);
  EXPECT_THROW(SegmentationSheet::Of({}, {}), Error);
}

} // namespace
} // namespace serval
