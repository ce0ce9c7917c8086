#pragma once
// Which classes of the features a classifier learns: some joined, or some only.

#include "serval/Cache/FeatureFile.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace serval
{

struct ClassOptions
{
  std::vector<std::string> joined, only;

  void Declare(app::Parameters & p)
  {
    p.Group("Classes");
    p.Add("joinClasses", &joined, "Classes that are learned as one, as polyp=hyperplasia+adenoma; joined ones come after the others");
    p.Add("onlyClasses", &only, "Only these classes are learned, in this order; rows of others are left out. Of classes joined, their new name");
  }

  /// Gives the rows their new classes, -1 where a row is left out.
  void Apply(FeatureFile & features) const
  {
    const auto before = features.classNames;
    const auto newNames = NewNames(before);
    for (const auto & name : only)
      RequireKnown(name, Names(before, newNames), "--onlyClasses");
    const auto names = only.empty() ? Names(before, newNames) : only;
    for (const auto & name : names)
      Require(std::count(names.begin(), names.end(), name) == 1, Fault::Usage, "the class '", name, "' stands twice");
    Require(names.size() >= 2, Fault::Usage, "one class is left, '", names.front(), "'; two or more are needed");
    std::vector<int> newIndex;
    for (const auto & old : before)
    {
      const auto at = std::find(names.begin(), names.end(), newNames.at(old));
      newIndex.push_back(at == names.end() ? -1 : static_cast<int>(at - names.begin()));
    }
    for (auto & one : features.classes)
      one = one < 0 ? -1 : newIndex[static_cast<std::size_t>(one)];
    features.classNames = names;
  }

private:
  static void RequireKnown(const std::string & name, const std::vector<std::string> & known, const std::string & option)
  {
    const auto near = NearestWord(name, known);
    Require(std::find(known.begin(), known.end(), name) != known.end(), Fault::Usage, option, ": the class '", name, "' is unknown; the features have ",
            Join(known, ", "), near.empty() ? "" : "; did you mean " + near + "?");
  }

  // The new name of each class.
  std::map<std::string, std::string> NewNames(const std::vector<std::string> & before) const
  {
    std::map<std::string, std::string> names;
    for (const auto & name : before)
      names[name] = name;
    for (const auto & rule : joined)
    {
      const auto equals = rule.find('=');
      Require(equals != std::string::npos && equals > 0 && equals + 1 < rule.size(), Fault::Usage, "--joinClasses: '", rule, "' is not NEW=OLD+OLD+...");
      const auto name = rule.substr(0, equals);
      for (const auto & old : Split(rule.substr(equals + 1), '+'))
      {
        RequireKnown(old, before, "--joinClasses");
        Require(names[old] == old, Fault::Usage, "--joinClasses: the class '", old, "' is joined twice");
        names[old] = name;
      }
    }
    for (const auto & rule : joined)
    {
      const auto name = rule.substr(0, rule.find('='));
      Require(std::find(before.begin(), before.end(), name) == before.end(), Fault::Usage, "--joinClasses: '", name,
              "' is the name of a class that is there already; choose another");
    }
    return names;
  }

  // Classes that stay as they are, then the joined ones in the order given.
  std::vector<std::string> Names(const std::vector<std::string> & before, const std::map<std::string, std::string> & newNames) const
  {
    std::vector<std::string> names;
    for (const auto & old : before)
      if (newNames.at(old) == old)
        names.push_back(old);
    for (const auto & rule : joined)
      names.push_back(rule.substr(0, rule.find('=')));
    return names;
  }
};

} // namespace serval
