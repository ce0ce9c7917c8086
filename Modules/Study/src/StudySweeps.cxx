#include "StudyDeclarations.h"

#include "serval/Core/Text.h"

#include <cctype>

namespace serval
{

Sweep ReadSweep(const toml::node * node, const std::filesystem::path & file)
{
  Sweep sweep;
  if (node == nullptr)
    return sweep;
  Require(node->is_table(), Fault::Input, PlaceOf(*node, file), ": 'sweep' must be a table of lists, as { freeze = [\"none\", \"all\"] }");
  for (const auto & [key, values] : *node->as_table())
  {
    Require(values.is_array() && !values.as_array()->empty(), Fault::Input, PlaceOf(values, file), ": sweep.", key.str(), " must be a list of values");
    auto & [name, words] = sweep.keys.emplace_back();
    name = key.str();
    for (const auto & value : *values.as_array())
      words.push_back(WordOf(value, PlaceOf(value, file)));
  }
  return sweep;
}

std::string PlainName(const std::string & text)
{
  std::string name;
  for (const unsigned char c : text)
    name += std::isalnum(c) || c == '_' ? static_cast<char>(c) : '-';
  return name;
}

void SetOption(Words & words, const std::string & key, const std::string & value)
{
  words = Overridden(words, { "--" + key, value });
}

Words Without(const Words & words, const std::vector<std::string> & keys)
{
  Words kept;
  for (std::size_t i = 0; i < words.size();)
  {
    std::size_t end = i + 1; // an option's values: what follows up to the next option; a negative number is a value
    while (end < words.size() && !(words[end].starts_with("--") && words[end].size() > 2))
      ++end;
    if (std::find(keys.begin(), keys.end(), words[i]) == keys.end())
      kept.insert(kept.end(), words.begin() + static_cast<std::ptrdiff_t>(i), words.begin() + static_cast<std::ptrdiff_t>(end));
    i = end;
  }
  return kept;
}

StudyArm StudyArm::On(const std::string & target) const
{
  auto       own = *this;
  const auto found = changes.find(target);
  if (found == changes.end())
    return own;
  const auto & other = found->second;
  own.steps = other.steps > 0 ? other.steps : steps;
  own.layers = other.layers.empty() ? layers : other.layers;
  own.negative = other.negative.empty() ? negative : other.negative;
  own.features = Overridden(features, other.features);
  own.options = Overridden(options, other.options);
  return own;
}

std::string StudyArm::InWords() const
{
  std::string words = text;
  for (const auto & [target, other] : changes)
  {
    std::vector<std::string> said;
    if (other.steps > 0 && other.steps != steps)
      said.push_back(Concat(other.steps, " steps"));
    if (!other.layers.empty())
      said.push_back("layers " + other.layers);
    if (!other.negative.empty())
      said.push_back("negative class " + other.negative);
    for (const auto & options : { other.features, other.options })
      if (!options.empty())
        said.push_back(Join(options, " "));
    if (!said.empty())
      words += Concat(words.empty() ? "" : "; ", "on ", target, ": ", Join(said, ", "));
  }
  return words;
}

Words Overridden(const Words & words, const Words & over)
{
  std::vector<std::string> keys;
  for (const auto & word : over)
    if (word.starts_with("--") && word.size() > 2)
      keys.push_back(word);
  auto all = Without(words, keys);
  all.insert(all.end(), over.begin(), over.end());
  return all;
}

} // namespace serval
