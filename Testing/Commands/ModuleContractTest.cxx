// What 3D Slicer and CTK expect of every command-line module's description.
#include "CommandSupport.h"
#include "XmlTree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <regex>
#include <set>
#include <thread>

namespace serval::commands
{
namespace
{

const std::map<std::string, std::set<std::string>> attributesOf{
  { "integer", {} }, { "double", {} }, { "string", {} }, { "boolean", {} }, { "string-enumeration", {} },
  { "integer-vector", {} }, { "double-vector", {} }, { "string-vector", {} }, { "directory", { "multiple" } },
  { "file", { "multiple", "fileExtensions" } }, { "image", { "multiple", "type", "fileExtensions", "reference" } },
  { "pointfile", { "multiple", "fileExtensions", "coordinateSystem" } },
};
const std::set<std::string> dataTypes{ "file", "directory", "image", "pointfile" };
const std::set<std::string> reserved{ "xml", "echo", "help", "version", "logo", "ignore_rest", "processinformationaddress", "returnparameterfile",
                                      "serialize", "deserialize", "class", "default", "from", "import", "in", "for", "int", "double", "float", "new", "lambda" };

class ModuleContract : public testing::TestWithParam<std::string>
{
protected:
  support::CommandResult Run(const std::string & option) const { return support::RunCommand({ Module(GetParam()), option }); }
  XmlElement             Description() const { return ParseXml(Run("--xml").output); }
  std::vector<XmlElement> Parameters() const
  {
    std::vector<XmlElement> all;
    for (const auto & group : Description().children)
      for (const auto & one : group.children)
        if (attributesOf.contains(one.name))
          all.push_back(one);
    return all;
  }
};

// What is returned to the host: a simple type of the output channel.
bool IsResult(const XmlElement & p) { return !dataTypes.contains(p.name) && p.TextOf("channel") == "output"; }

// Every child is in the list, and they stand in its order.
void ExpectOrder(const XmlElement & element, const std::vector<std::string> & order)
{
  std::ptrdiff_t last = 0;
  for (const auto & child : element.children)
  {
    const auto at = std::find(order.begin(), order.end(), child.name) - order.begin();
    EXPECT_LT(at, static_cast<std::ptrdiff_t>(order.size())) << child.name << " is unknown in " << element.name;
    EXPECT_GE(at, last) << child.name << " stands too late in " << element.name << ' ' << element.TextOf("name");
    last = at;
  }
}

TEST_P(ModuleContract, TheDescriptionIsTheSameEverywhereAndBesideTheExecutable)
{
  const auto plain = Run("--xml");
  const auto bare = support::RunCommand({ "env", "-i", "-C", "/", Module(GetParam()), "--xml" });
  const auto comma = support::RunCommand({ "env", "LC_ALL=de_DE.UTF-8", Module(GetParam()), "--xml" });
  EXPECT_EQ(plain.output, comma.output);
  EXPECT_EQ(plain.code, 0);
  EXPECT_TRUE(plain.error.empty()) << plain.error;
  EXPECT_EQ(plain.output, bare.output);
  EXPECT_EQ(plain.output, support::ReadFile(Module(GetParam()) + ".xml"));
  EXPECT_TRUE(plain.output.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"));
  EXPECT_TRUE(plain.output.ends_with("</executable>\n"));
}

TEST_P(ModuleContract, ElementsStandInTheSchemasOrder)
{
  const auto root = Description();
  EXPECT_EQ(root.name, "executable");
  ExpectOrder(root, { "category", "title", "description", "version", "documentation-url", "license", "contributor", "acknowledgements", "parameters" });
  for (const char * needed : { "category", "title", "description", "version", "license", "contributor", "parameters" })
    EXPECT_TRUE(root.Has(needed)) << needed;
  for (const auto & group : root.children)
  {
    if (group.name != "parameters")
      continue;
    ASSERT_GE(group.children.size(), 3U);
    EXPECT_EQ(group.children[0].name, "label");
    EXPECT_EQ(group.children[1].name, "description");
    for (const auto & [name, value] : group.attributes)
      EXPECT_TRUE(name == "advanced" && (value == "true" || value == "false")) << name;
    for (std::size_t i = 2; i < group.children.size(); ++i)
    {
      EXPECT_TRUE(attributesOf.contains(group.children[i].name)) << group.children[i].name;
      ExpectOrder(group.children[i], { "name", "flag", "longflag", "index", "description", "label", "default", "channel", "constraints", "element" });
    }
  }
}

TEST_P(ModuleContract, InputAndOutputStandOpenTheRestIsAdvanced)
{
  const auto root = Description();
  EXPECT_TRUE(std::regex_match(root.TextOf("category"), std::regex(R"(Serval\.[A-Z][a-z]+)"))) << root.TextOf("category");
  bool isFirst = true;
  for (const auto & group : root.children)
  {
    if (group.name != "parameters")
      continue;
    EXPECT_EQ(group.attributes.at("advanced"), isFirst ? "false" : "true") << group.TextOf("label");
    if (isFirst)
    {
      EXPECT_EQ(group.TextOf("label"), "Input and output");
    }
    isFirst = false;
  }
}

TEST_P(ModuleContract, ReferencesNameInputVolumes)
{
  const auto all = Parameters();
  for (const auto & p : all)
    if (p.attributes.contains("reference"))
    {
      EXPECT_EQ(p.TextOf("channel"), "output");
      EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const XmlElement & q) {
        return q.name == "image" && q.TextOf("name") == p.attributes.at("reference") && q.TextOf("channel") == "input";
      })) << p.TextOf("name");
    }
}

// The host's library path names other versions of what we stand on: here files that are no libraries at all.
TEST_P(ModuleContract, LibrariesOfAHostAreNotTaken)
{
  const support::TemporaryFolder foreign;
  std::regex                     library(R"((lib[^ /]+\.so[^ ]*) => )");
  const auto                     needed = support::RunCommand({ "ldd", Module(GetParam()) }).output;
  int                            count = 0;
  for (auto found = std::sregex_iterator(needed.begin(), needed.end(), library); found != std::sregex_iterator(); ++found)
    if (const auto name = (*found)[1].str(); !std::regex_match(name, std::regex("lib(c|m|pthread|dl|rt)\\.so.*")))
    {
      support::WriteFile(foreign / name, "no library");
      ++count;
    }
  ASSERT_GT(count, 1) << needed;
  const auto result = support::RunCommand({ "env", "LD_LIBRARY_PATH=" + foreign.Path().string(), Module(GetParam()), "--xml" });
  EXPECT_EQ(result.code, 0) << result.error;
  EXPECT_EQ(result.output, Run("--xml").output);
}

TEST_P(ModuleContract, NamesAreUniqueWordsAndPlacesAreCounted)
{
  std::set<std::string> names, longFlags, flags;
  std::set<int>         places;
  for (const auto & p : Parameters())
  {
    const auto name = p.TextOf("name");
    EXPECT_TRUE(std::regex_match(name, std::regex("[A-Za-z_][A-Za-z0-9_]*"))) << name;
    EXPECT_TRUE(names.insert(name).second && !reserved.contains(name)) << name;
    EXPECT_FALSE(p.TextOf("description").empty() || p.TextOf("label").empty()) << name;
    EXPECT_EQ(int(p.Has("index")) + int(p.Has("longflag")), IsResult(p) ? 0 : 1) << name;
    EXPECT_TRUE(!p.Has("index") || dataTypes.contains(p.name) || p.name.starts_with("string")) << name << ": a number has no place, but a flag";
    EXPECT_TRUE(!p.Has("flag") || p.Has("longflag")) << name;
    EXPECT_TRUE(!p.Has("longflag") ||
                (longFlags.insert(p.TextOf("longflag")).second && std::regex_match(p.TextOf("longflag"), std::regex("[A-Za-z_][A-Za-z0-9_]*"))))
      << name;
    EXPECT_TRUE(!p.Has("flag") || (flags.insert(p.TextOf("flag")).second && std::regex_match(p.TextOf("flag"), std::regex("[A-Za-z]")))) << name;
    EXPECT_TRUE(!p.Has("index") || places.insert(std::stoi(p.TextOf("index"))).second) << name;
  }
  EXPECT_TRUE(places.empty() || (*places.begin() == 0 && *places.rbegin() == static_cast<int>(places.size()) - 1));
}

TEST_P(ModuleContract, DefaultsAreValuesWithinTheirLimits)
{
  for (const auto & p : Parameters())
  {
    const auto name = p.TextOf("name"), value = p.TextOf("default");
    for (const auto & [attribute, text] : p.attributes)
      EXPECT_TRUE(attributesOf.at(p.name).contains(attribute)) << name << ' ' << attribute << ' ' << text;
    EXPECT_TRUE(!p.attributes.contains("fileExtensions") || std::regex_match(p.attributes.at("fileExtensions"), std::regex(R"(\.[a-z0-9.]+(,\.[a-z0-9.]+)*)"))) << name;
    EXPECT_EQ(p.Has("channel"), dataTypes.contains(p.name) || IsResult(p)) << name;
    EXPECT_TRUE(p.name != "string" || p.Has("default")) << name;
    EXPECT_TRUE(p.name != "boolean" || value == "false") << name;
    EXPECT_TRUE(p.name != "string-enumeration" ||
                std::any_of(p.children.begin(), p.children.end(), [&](auto & c) { return c.name == "element" && c.text == value; })) << name;
    EXPECT_TRUE(p.name != "integer" || std::regex_match(value, std::regex("-?[0-9]+"))) << name << ' ' << value;
    EXPECT_TRUE(p.name != "double" || IsResult(p) || std::regex_match(value, std::regex("-?[0-9.]+(e[-+]?[0-9]+)?"))) << name << ' ' << value;
    for (const auto & limits : p.children)
    {
      if (limits.name != "constraints")
        continue;
      EXPECT_TRUE(limits.Has("step")) << name;
      EXPECT_GE(std::stod(value), std::stod(limits.TextOf("minimum"))) << name;
      EXPECT_LE(std::stod(value), std::stod(limits.TextOf("maximum"))) << name;
    }
  }
}

TEST_P(ModuleContract, HelpNamesEveryFlagAndVersionsAgree)
{
  const auto help = Run("--help");
  EXPECT_EQ(help.code, 0);
  EXPECT_TRUE(help.error.empty());
  for (const auto & p : Parameters())
    EXPECT_TRUE(IsResult(p) || help.output.find(p.Has("longflag") ? "--" + p.TextOf("longflag") : p.TextOf("name")) != std::string::npos) << p.TextOf("name");
  EXPECT_EQ(Run("-h").output, help.output);
  EXPECT_EQ(Run("--version").output, Description().TextOf("version") + "\n");
}

TEST_P(ModuleContract, WrongWordsAreRefused)
{
  const auto unknown = support::RunCommand({ Module(GetParam()), "--noSuchOption", "3" });
  EXPECT_EQ(unknown.code, 2);
  EXPECT_NE(unknown.error.find("--noSuchOption"), std::string::npos);
  const auto nothing = Run("--echo"); // the option is known; what is missing are the inputs, where some are needed
  if (nothing.code == 0) // a module that lists what it knows
    EXPECT_EQ(Run("--help").output.find("(needed)"), std::string::npos);
  else
  {
    EXPECT_EQ(nothing.code, 2);
    EXPECT_NE(nothing.error.find("missing"), std::string::npos) << nothing.error;
  }
  for (const auto & p : Parameters())
    if (p.name == "integer" || p.name == "double" || p.name == "string-enumeration")
    { // a host passes the flag also when its value is empty
      const auto empty = support::RunCommand({ Module(GetParam()), "--" + p.TextOf("longflag"), "" });
      EXPECT_EQ(empty.code, 2) << p.TextOf("name") << empty.error;
    }
}

TEST_P(ModuleContract, TheDescriptionComesAtOnce)
{
  for (const std::string option : { "--xml", "--help" })
  {
    std::vector<double> milliseconds;
    for (int i = 0; i < 9; ++i)
    {
      const auto begin = std::chrono::steady_clock::now();
      Run(option);
      milliseconds.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    }
    std::sort(milliseconds.begin(), milliseconds.end());
    RecordProperty("milliseconds" + option, std::to_string(milliseconds[4]));
    EXPECT_LT(milliseconds[0], 150) << option; // the quickest of nine, as other programs may be running; 30 is the aim on a free machine; Slicer waits 5000
  }
}

TEST_P(ModuleContract, NoTensorLibraryIsLoadedForIt)
{
  const auto loaded = support::RunCommand({ "env", "LD_DEBUG=files", Module(GetParam()), "--xml" });
  EXPECT_NE(loaded.error.find("libstdc++"), std::string::npos);
  EXPECT_EQ(loaded.error.find("libtorch"), std::string::npos);
  EXPECT_EQ(loaded.error.find("libc10"), std::string::npos);
  EXPECT_EQ(loaded.error.find("libservalLearning"), std::string::npos);
}

// Slicer asks every module at every start.
TEST(AllModules, RegisterWithinASecond)
{
  double quickest = 1e9;
  for (int i = 0; i < 3; ++i)
  {
    const auto begin = std::chrono::steady_clock::now();
    for (const auto & module : Modules())
      support::RunCommand({ Module(module), "--xml" });
    quickest = std::min(quickest, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  RecordProperty("seconds", std::to_string(quickest));
  if (double load = 0; quickest >= 1 && ::getloadavg(&load, 1) == 1 && load > std::thread::hardware_concurrency())
    GTEST_SKIP() << Modules().size() << " modules took " << quickest << " s on a machine with a load of " << load;
  EXPECT_LT(quickest, 1);
}

// Slicer takes any executable without a dot for a module, and the XML file beside it for its answer.
TEST(AllModules, StandAloneInTheirFolder)
{
  for (const auto & name : support::Names(std::string(SERVAL_BINARY_DIRECTORY) + "/cli-modules"))
  {
    EXPECT_TRUE(name.starts_with("Serval")) << name;
    EXPECT_TRUE(name.find('.') == std::string::npos || name.ends_with(".xml")) << name;
    EXPECT_FALSE(std::regex_search(name, std::regex("Module|Lib$|Tests?$"))) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Each, ModuleContract, testing::ValuesIn(Modules()), [](const auto & each) { return each.param; });

} // namespace
} // namespace serval::commands
