// What 3D Slicer expects of every command-line module.
#include "CommandSupport.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <regex>
#include <set>

namespace serval::commands
{
namespace
{

class ModuleContract : public testing::TestWithParam<std::string>
{
protected:
  std::string Xml() const { return support::RunCommand({ Module(GetParam()), "--xml" }).output; }
};

// Every opened element is closed in its order, and text holds no bare & or <.
bool IsWellFormed(const std::string & xml)
{
  std::vector<std::string> open;
  const std::regex         tag(R"(<(/?)([A-Za-z-]+)((?: [A-Za-z]+="[^"<&]*")*)>|&(?!(amp|lt|gt|quot|#39);)|<)");
  const auto               body = xml.substr(xml.find("?>") + 2);
  for (auto at = std::sregex_iterator(body.begin(), body.end(), tag); at != std::sregex_iterator(); ++at)
  {
    const std::string name = (*at)[2];
    if (name.empty())
      return false;
    if ((*at)[1].length() == 0)
      open.push_back(name);
    else if (open.empty() || open.back() != name)
      return false;
    else
      open.pop_back();
  }
  return open.empty();
}

std::vector<std::string> All(const std::string & xml, const std::string & pattern)
{
  std::vector<std::string> found;
  const std::regex         expression(pattern);
  for (auto at = std::sregex_iterator(xml.begin(), xml.end(), expression); at != std::sregex_iterator(); ++at)
    found.push_back((*at)[1]);
  return found;
}

TEST_P(ModuleContract, TheDescriptionIsTheSameEverywhereAndBesideTheExecutable)
{
  const auto plain = support::RunCommand({ Module(GetParam()), "--xml" });
  const auto bare = support::RunCommand({ "env", "-i", "-C", "/", Module(GetParam()), "--xml" });
  EXPECT_EQ(plain.code, 0);
  EXPECT_TRUE(plain.error.empty()) << plain.error;
  EXPECT_EQ(plain.output, bare.output);
  EXPECT_EQ(plain.output, support::ReadFile(Module(GetParam()) + ".xml"));
  EXPECT_TRUE(plain.output.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"));
  EXPECT_TRUE(plain.output.ends_with("</executable>\n"));
}

TEST_P(ModuleContract, TheDescriptionIsWellFormedAndComplete)
{
  const auto xml = Xml();
  EXPECT_TRUE(IsWellFormed(xml));
  const auto            names = All(xml, "<name>([^<]*)</name>");
  std::set<std::string> unique;
  for (const auto & name : names)
  {
    EXPECT_TRUE(std::regex_match(name, std::regex("[A-Za-z_][A-Za-z0-9_]*"))) << name;
    EXPECT_TRUE(unique.insert(name).second) << name;
  }
  for (const auto & parameter : All(xml, R"(<(?:integer|double|string-enumeration)>([\s\S]*?)</(?:integer|double|string-enumeration)>)"))
    EXPECT_NE(parameter.find("<default>"), std::string::npos) << parameter;
  for (const auto & parameter : All(xml, R"(<(?:image|file|directory)[^>]*>([\s\S]*?)</(?:image|file|directory)>)"))
    EXPECT_NE(parameter.find("<channel>"), std::string::npos) << parameter;
  auto places = All(xml, "<index>([0-9]+)</index>");
  std::sort(places.begin(), places.end());
  for (std::size_t i = 0; i < places.size(); ++i)
    EXPECT_EQ(places[i], std::to_string(i));
}

TEST_P(ModuleContract, HelpNamesEveryFlagAndVersionsAgree)
{
  const auto xml = Xml(), help = support::RunCommand({ Module(GetParam()), "--help" }).output;
  for (const auto & flag : All(xml, "<longflag>([^<]*)</longflag>"))
    EXPECT_NE(help.find("--" + flag), std::string::npos) << flag;
  EXPECT_EQ(support::RunCommand({ Module(GetParam()), "--version" }).output, All(xml, "<version>([^<]*)</version>").at(0) + "\n");
}

TEST_P(ModuleContract, UnknownOptionsAreRefused)
{
  const auto result = support::RunCommand({ Module(GetParam()), "--noSuchOption", "3" });
  EXPECT_EQ(result.code, 2);
  EXPECT_NE(result.error.find("--noSuchOption"), std::string::npos);
}

TEST_P(ModuleContract, TheDescriptionComesAtOnce)
{
  std::vector<double> milliseconds;
  for (int i = 0; i < 7; ++i)
  {
    const auto begin = std::chrono::steady_clock::now();
    Xml();
    milliseconds.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  const double quickest = *std::min_element(milliseconds.begin(), milliseconds.end());
  RecordProperty("xml_milliseconds", std::to_string(quickest));
  EXPECT_LT(quickest, 150); // 30 is the aim on a free machine; Slicer waits 5000
}

INSTANTIATE_TEST_SUITE_P(Each, ModuleContract, testing::ValuesIn(Modules()), [](const auto & each) { return each.param; });

} // namespace
} // namespace serval::commands
