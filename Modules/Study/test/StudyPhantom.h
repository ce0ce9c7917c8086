#pragma once
// A study file and its manifest for tests.

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Study/Results.h"

#include "Support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace serval
{

const std::string goodStudy = R"(
schema = "serval-study/1"
title = "Test"
seed = 3
[target]
manifest = "m.csv"
[design]
testPatients = 5
trainPatients = [2, 6]
repeats = 2
computeMatched = false
controls = []
[patches]
size = [8, 8, 8]
count = 4
classFrom = "centre"
sampler = "class"
classNames = ["a", "b"]
[network]
filters = 4
[compare]
baselines = ["scratch"]
[[source]]
name = "thresholds"
labels = "threshold"
names = ["dark", "bright"]
segment = { method = "otsu", fillHoles = true }
[[arm]]
name = "scratch"
strategy = "scratch"
[[arm]]
name = "tuned"
strategy = "fine-tuning"
source = "thresholds"
[[arm]]
name = "features"
strategy = "off-the-shelf"
source = "thresholds"
options = { classifier = "svm-linear" }
)";

class StudyPhantom : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  void SetUp() override { WriteManifest(12, ""); }
  void WriteManifest(int patients, const std::string & classes) // classes: one letter a patient, repeated
  {
    std::string manifest = classes.empty() ? "case,patient,image,segmentation\n" : "case,patient,image,segmentation,class\n";
    for (int i = 0; i < patients; ++i)
      manifest += Concat("c", i, ",p", i, ",images/c", i, ".nii.gz,labels/c", i, ".nii.gz", classes.empty() ? "" : Concat(",", classes[static_cast<std::size_t>(i) % classes.size()]), "\n");
    support::WriteFile(folder / "m.csv", manifest);
  }
  StudyFile Read(const std::string & text)
  {
    support::WriteFile(folder / "s.toml", text);
    return StudyFile::Read(folder / "s.toml");
  }
  static std::string With(std::string text, const std::string & from, const std::string & to)
  {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
  }
  std::string MessageOf(const std::string & from, const std::string & to)
  {
    try
    {
      Read(With(goodStudy, from, to));
    }
    catch (const Error & e)
    {
      EXPECT_EQ(e.Kind(), Fault::Input);
      return e.what();
    }
    return "no error";
  }
  StudyPlan Plan(const StudyFile & study) { return PlanStudy(study, folder / "out", "/modules"); }
  static std::set<std::string> Patients(const StudyPlan & plan, const std::string & list)
  {
    const auto lines = Split(Trim(plan.files.at("lists/" + list + ".txt")), '\n');
    return { lines.begin(), lines.end() };
  }
  static std::string Value(const Words & words, const std::string & option)
  {
    const auto found = std::find(words.begin(), words.end(), option);
    return found == words.end() || found + 1 == words.end() ? "missing" : *(found + 1);
  }
  static bool Has(const Words & words, const std::string & word) { return std::find(words.begin(), words.end(), word) != words.end(); }
};

} // namespace serval
