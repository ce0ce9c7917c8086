#include "serval/Core/Error.h"
#include "serval/Dataset/Lineage.h"
#include "serval/Dataset/Manifest.h"
#include "serval/Dataset/Split.h"

#include "Support.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace serval
{
namespace
{

std::vector<Case> Cohort(int patients)
{
  std::vector<Case> cases;
  for (int p = 0; p < patients; ++p)
    for (int visit = 0; visit < 1 + p % 3; ++visit)
    {
      Case one;
      one.patient = "p" + std::to_string(p);
      one.id = one.patient + "v" + std::to_string(visit);
      one.className = p % 4 == 0 ? "rare" : "common";
      cases.push_back(one);
    }
  return cases;
}

std::string MessageOf(const support::TemporaryFolder & folder, const std::string & text)
{
  support::WriteFile(folder / "m.csv", text);
  try
  {
    Manifest::Read(folder / "m.csv");
  }
  catch (const Error & e)
  {
    EXPECT_EQ(e.Kind(), Fault::Input);
    return e.what();
  }
  return "no error";
}

TEST(Manifest, RefusesByName)
{
  const support::TemporaryFolder folder;
  EXPECT_NE(MessageOf(folder, "case,imagee\n1,a\n").find("did you mean 'image'"), std::string::npos);
  EXPECT_NE(MessageOf(folder, "case,patient\n1,a\n").find("no column 'image'"), std::string::npos);
  EXPECT_NE(MessageOf(folder, "case,image\n1,a\n1,b\n").find("case '1' stands twice"), std::string::npos);
  EXPECT_NE(MessageOf(folder, "case,patient,image,split\n1,p,a,train\n2,p,b,test\n").find("patient 'p' stands in the splits"),
            std::string::npos);
  EXPECT_NE(MessageOf(folder, "case,image\n").find("no case"), std::string::npos);
}

TEST(Manifest, PathsFollowTheManifest)
{
  const support::TemporaryFolder folder;
  std::filesystem::create_directories(folder / "in");
  std::filesystem::create_directories(folder / "out");
  support::WriteFile(folder / "in/a.nii", "");
  support::WriteFile(folder / "in/m.csv", "case,image,class,x_note\n007,a.nii,large,hello\n");
  const auto manifest = Manifest::Read(folder / "in/m.csv");
  EXPECT_FALSE(manifest.HasPatients());
  EXPECT_EQ(manifest.Cases()[0].patient, "007");
  manifest.WriteWith("split", { "train" }, folder / "out/m.csv");
  const auto again = Manifest::Read(folder / "out/m.csv");
  EXPECT_EQ(again.Cases()[0].image, folder / "in/a.nii");
  EXPECT_EQ(again.Cases()[0].split, "train");
  EXPECT_TRUE(again.Check({ "class" }).empty());
}

TEST(Manifest, AllProblemsAreListedAtOnce)
{
  const support::TemporaryFolder folder;
  support::WriteFile(folder / "m.csv", "case,image,class\n1,a.nii,x\n2,b.nii,\n");
  const auto problems = Manifest::Read(folder / "m.csv").Check({ "class" });
  EXPECT_EQ(problems.size(), 3U); // two files missing, one class empty
  EXPECT_THROW(RequireNoProblems(problems, "manifest"), Error);
}

TEST(Manifest, ChannelsAndTimePointsFollowTheirColumns)
{
  const support::TemporaryFolder folder;
  std::filesystem::create_directories(folder / "out");
  for (const char * name : { "a.nii", "b.nii", "c.nii" })
    support::WriteFile(folder / name, "");
  support::WriteFile(folder / "m.csv", "case,patient,image,image_T2,image_FLAIR,time_point\n1,p,a.nii,b.nii,c.nii,t1\n2,p,a.nii,,lost.nii,t2\n");
  const auto manifest = Manifest::Read(folder / "m.csv");
  EXPECT_EQ(manifest.ChannelNames(), (std::vector<std::string>{ "image", "T2", "FLAIR" }));
  EXPECT_EQ(manifest.Cases()[0].furtherChannels, (std::vector<std::filesystem::path>{ folder / "b.nii", folder / "c.nii" }));
  EXPECT_TRUE(manifest.Cases()[1].furtherChannels[0].empty());
  EXPECT_EQ(manifest.Cases()[1].timePoint, "t2");
  EXPECT_EQ(manifest.Check({ "image_T2" }).size(), 2U) << "one channel is empty, one file missing";
  manifest.WriteWith("split", { "train", "train" }, folder / "out/m.csv");
  EXPECT_EQ(Manifest::Read(folder / "out/m.csv").Cases()[0].furtherChannels[1], folder / "c.nii");
  EXPECT_NE(MessageOf(folder, "case,image,image_\n1,a,b\n").find("unknown column 'image_'"), std::string::npos);
}

TEST(Split, KeepsPatientsWholeAndClassesInProportion)
{
  const auto cases = Cohort(40);
  SplitPlan  plan;
  plan.testPatients = 8;
  const auto splits = AssignSplit(cases, plan);
  std::map<std::string, std::set<std::string>> splitsOf;
  for (std::size_t i = 0; i < cases.size(); ++i)
    splitsOf[cases[i].patient].insert(splits[i]);
  for (const auto & [patient, found] : splitsOf)
    EXPECT_EQ(found.size(), 1U) << patient;
  const auto counts = CountPatients(cases, splits);
  EXPECT_EQ(counts.at("rare").at("test"), 2);
  EXPECT_EQ(counts.at("common").at("test"), 6);
}

TEST(Split, DoesNotDependOnTheOrderOfRows)
{
  auto      cases = Cohort(30);
  SplitPlan plan;
  plan.folds = 5;
  std::map<std::string, std::string> first;
  auto                               splits = AssignSplit(cases, plan);
  for (std::size_t i = 0; i < cases.size(); ++i)
    first[cases[i].id] = splits[i];
  std::reverse(cases.begin(), cases.end());
  splits = AssignSplit(cases, plan);
  for (std::size_t i = 0; i < cases.size(); ++i)
    EXPECT_EQ(first[cases[i].id], splits[i]);
  plan.seed = 2;
  EXPECT_NE(AssignSplit(cases, plan), splits);
}

TEST(Split, FoldsAreOfNearlyEqualSize)
{
  const auto cases = Cohort(23);
  SplitPlan  plan;
  plan.folds = 5;
  std::map<std::string, int> sizes;
  for (const auto & [name, row] : CountPatients(cases, AssignSplit(cases, plan)))
    for (const auto & [fold, count] : row)
      sizes[fold] += count;
  ASSERT_EQ(sizes.size(), 5U);
  for (const auto & [fold, size] : sizes)
    EXPECT_TRUE(size == 4 || size == 5) << fold << ' ' << size;
}

TEST(Split, RefusesWhatCannotBe)
{
  SplitPlan plan;
  plan.testPatients = 3;
  EXPECT_THROW(AssignSplit(Cohort(3), plan), Error);
  plan = {};
  plan.folds = 4;
  EXPECT_THROW(AssignSplit(Cohort(3), plan), Error);
}

TEST(Lineage, VerdictFollowsTheStrongestRole)
{
  Lineage lineage;
  lineage.Add("a", Role::Images);
  lineage.Add("b", Role::PseudoLabels);
  EXPECT_EQ(lineage.Check({ "c" }).verdict, Lineage::Verdict::Clean);
  EXPECT_EQ(lineage.Check({ "a", "c" }).verdict, Lineage::Verdict::Transductive);
  lineage.Add("b", Role::TargetClass);
  lineage.Add("b", Role::Images); // a role never weakens
  EXPECT_EQ(lineage.Check({ "b", "c" }).verdict, Lineage::Verdict::Leaking);
  EXPECT_EQ(lineage.Check({ "b", "c", "c" }).known, 1);
  const auto again = Lineage::FromJson(lineage.ToJson());
  EXPECT_EQ(again.Check({ "b" }).verdict, Lineage::Verdict::Leaking);
}

TEST(Lineage, WithoutAKeyNothingIsCalledClean)
{
  Lineage lineage, later;
  lineage.MarkIncomplete();
  later.Add(lineage);
  EXPECT_EQ(Lineage::FromJson(later.ToJson()).Check({ "a" }).verdict, Lineage::Verdict::NotCheckable);
}

TEST(SiteKey, IsOneForAllWhoComeAtOnce)
{
  const support::TemporaryFolder folder;
  for (int round = 0; round < 20; ++round)
  {
    const auto               file = folder / ("key" + std::to_string(round));
    std::vector<std::string> names(8);
    std::vector<std::thread> threads;
    for (auto & name : names)
      threads.emplace_back([&] { name = SiteKey::OpenOrCreate(file).PseudonymOf("Mustermann"); });
    for (auto & thread : threads)
      thread.join();
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 1U);
  }
}

TEST(SiteKey, IsPrivateAndLasting)
{
  const support::TemporaryFolder folder;
  const auto                     first = SiteKey::OpenOrCreate(folder / "key").PseudonymOf("Mustermann");
  struct stat                    status{};
  ASSERT_EQ(::stat((folder / "key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_EQ(SiteKey::OpenOrCreate(folder / "key").PseudonymOf("Mustermann"), first);
  EXPECT_NE(SiteKey::OpenOrCreate(folder / "other").PseudonymOf("Mustermann"), first);
  EXPECT_EQ(first.find("Muster"), std::string::npos);
  ::chmod((folder / "key").c_str(), 0640);
  EXPECT_THROW(SiteKey::OpenOrCreate(folder / "key"), Error) << "others may read it";
}

} // namespace
} // namespace serval
