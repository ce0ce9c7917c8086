#pragma once
// Names of labels on a command line.

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <map>
#include <string>
#include <vector>

namespace serval
{

/// Of VALUE=NAME words.
inline std::map<unsigned, std::string> LabelNamesFrom(const std::vector<std::string> & words)
{
  std::map<unsigned, std::string> names;
  for (const auto & word : words)
  {
    const auto equals = word.find('=');
    const auto label = ParseInteger(word.substr(0, equals));
    Require(equals != std::string::npos && label && *label >= 0 && *label <= 65535 && !Trim(word.substr(equals + 1)).empty(), Fault::Usage, "--labelNames: '", word,
            "' is not VALUE=NAME with a label from 0 to 65535, as 2=liver");
    Require(names.emplace(unsigned(*label), Trim(word.substr(equals + 1))).second, Fault::Usage, "--labelNames names the label ", *label, " twice");
  }
  return names;
}

/// Names of the labels 1, 2, ..., of words that name these in their order or are all VALUE=NAME; empty where a label has none.
inline std::vector<std::string> NamesByLabel(const std::vector<std::string> & words)
{
  if (words.empty() || words.front().find('=') == std::string::npos)
    return words;
  std::vector<std::string> names;
  for (const auto & [label, name] : LabelNamesFrom(words))
    if (label > 0)
    {
      names.resize(label);
      names[label - 1] = name;
    }
  return names;
}

} // namespace serval
