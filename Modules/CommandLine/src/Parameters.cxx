#include "serval/CommandLine/Parameters.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

namespace serval::app
{
namespace
{

using Texts = std::vector<std::string>;

double NumberOf(const Parameter & parameter, const std::string & text, bool whole)
{
  const auto number = ParseDouble(text);
  const bool fits = number && (!whole || ParseInteger(text));
  Require(fits, Fault::Usage, "--", parameter.name, ": '", text, "' is not ", whole ? "a whole number" : "a number");
  Require(*number >= parameter.minimum && *number <= parameter.maximum, Fault::Usage, "--", parameter.name, " is ",
          text, "; it must lie between ", FormatNumber(parameter.minimum), " and ", FormatNumber(parameter.maximum));
  return *number;
}

void CheckChoice(const Parameter & parameter, const std::string & text)
{
  if (parameter.choices.empty())
    return;
  for (const auto & choice : parameter.choices)
    if (choice == text)
      return;
  const std::string near = NearestWord(text, parameter.choices);
  Fail(Fault::Usage, "--", parameter.name, " is '", text, "'; it must be one of ", Join(parameter.choices, ", "),
       near.empty() ? "" : "; did you mean '" + near + "'?");
}

// "1,2,3" or "1, 2, 3"; several occurrences are joined.
Texts Items(const Texts & texts)
{
  Texts items;
  for (const auto & text : texts)
    for (const auto & item : Split(text, ','))
      if (const auto trimmed = Trim(item); !trimmed.empty())
        items.push_back(trimmed);
  return items;
}

template <typename T, typename TFormat>
std::string Listed(const std::vector<T> & values, TFormat format)
{
  Texts texts;
  for (const auto & value : values)
    texts.push_back(format(value));
  return Join(texts, ",");
}

} // namespace

Parameter & Parameter::In(std::string_view kindOfData, std::string_view endings)
{
  data = kindOfData;
  extensions = endings;
  channel = Channel::Input;
  required = true;
  return *this;
}
Parameter & Parameter::Out(std::string_view kindOfData, std::string_view endings)
{
  In(kindOfData, endings).channel = Channel::Output;
  return *this;
}
Parameter & Parameter::Range(double low, double high)
{
  minimum = low;
  maximum = high;
  return *this;
}
Parameter & Parameter::Choices(std::vector<std::string> words)
{
  choices = std::move(words);
  return *this;
}
Parameter & Parameter::Positional(int place)
{
  index = place;
  required = true;
  return *this;
}
Parameter & Parameter::Letter(char one)
{
  letter = one;
  return *this;
}
Parameter & Parameter::Required()
{
  required = true;
  return *this;
}
Parameter & Parameter::Optional()
{
  required = false;
  return *this;
}
Parameter & Parameter::Identifying()
{
  identifying = true;
  return *this;
}
Parameter & Parameter::Reference(std::string_view input)
{
  reference = input;
  return *this;
}

void Parameters::Group(std::string_view label) { m_Group = label; }

Parameter & Parameters::Append(std::string_view name, std::string_view description, Kind kind)
{
  Parameter parameter;
  parameter.name = name;
  parameter.description = description;
  parameter.kind = kind;
  parameter.group = m_Group;
  m_All.push_back(std::move(parameter));
  return m_All.back();
}

// The setters look the parameter up again by its place: the vector may have moved since.
Parameter & Parameters::Add(std::string_view name, bool * value, std::string_view description)
{
  Require(!*value, Fault::Internal, "the boolean ", name, " must have the default false");
  auto & parameter = Append(name, description, Kind::Boolean);
  parameter.set = [value](const Texts &) { *value = true; };
  parameter.get = [value] { return std::string(*value ? "true" : "false"); };
  return parameter;
}

Parameter & Parameters::Add(std::string_view name, int * value, std::string_view description)
{
  auto & parameter = Append(name, description, Kind::Integer).Range(-2147483647, 2147483647);
  parameter.set = [this, at = m_All.size() - 1, value](const Texts & t) {
    *value = static_cast<int>(NumberOf(m_All[at], t.front(), true));
  };
  parameter.get = [value] { return std::to_string(*value); };
  return parameter;
}

Parameter & Parameters::Add(std::string_view name, std::uint64_t * value, std::string_view description)
{
  auto & parameter = Append(name, description, Kind::Integer).Range(0, 9007199254740992.0);
  parameter.set = [this, at = m_All.size() - 1, value](const Texts & t) {
    *value = static_cast<std::uint64_t>(NumberOf(m_All[at], t.front(), true));
  };
  parameter.get = [value] { return std::to_string(*value); };
  return parameter;
}

Parameter & Parameters::Add(std::string_view name, double * value, std::string_view description)
{
  auto & parameter = Append(name, description, Kind::Double);
  parameter.set = [this, at = m_All.size() - 1, value](const Texts & t) {
    *value = NumberOf(m_All[at], t.front(), false);
  };
  parameter.get = [value] { return FormatNumber(*value); };
  return parameter;
}

Parameter & Parameters::Add(std::string_view name, std::string * value, std::string_view description)
{
  auto & parameter = Append(name, description, Kind::String);
  parameter.set = [this, at = m_All.size() - 1, value](const Texts & t) {
    CheckChoice(m_All[at], t.front());
    *value = t.front();
  };
  parameter.get = [value] { return *value; };
  return parameter;
}

Parameter & Parameters::Add(std::string_view name, std::filesystem::path * value, std::string_view description)
{
  auto & parameter = Append(name, description, Kind::Path);
  parameter.data = "file";
  parameter.channel = Channel::Input;
  parameter.set = [value](const Texts & t) { *value = t.front(); };
  parameter.get = [value] { return value->string(); };
  return parameter;
}

Parameter & Parameters::Add(std::string_view name, std::vector<int> * value, std::string_view description)
{
  auto & parameter = Append(name, description, Kind::IntegerVector).Range(-2147483647, 2147483647);
  parameter.set = [this, at = m_All.size() - 1, value](const Texts & t) {
    value->clear();
    for (const auto & item : Items(t))
      value->push_back(static_cast<int>(NumberOf(m_All[at], item, true)));
  };
  parameter.get = [value] { return Listed(*value, [](int v) { return std::to_string(v); }); };
  return parameter;
}

Parameter & Parameters::Add(std::string_view name, std::vector<double> * value, std::string_view description)
{
  auto & parameter = Append(name, description, Kind::DoubleVector);
  parameter.set = [this, at = m_All.size() - 1, value](const Texts & t) {
    value->clear();
    for (const auto & item : Items(t))
      value->push_back(NumberOf(m_All[at], item, false));
  };
  parameter.get = [value] { return Listed(*value, FormatNumber); };
  return parameter;
}

Parameter & Parameters::Add(std::string_view name, std::vector<std::string> * value, std::string_view description)
{
  auto & parameter = Append(name, description, Kind::StringVector);
  parameter.set = [this, at = m_All.size() - 1, value](const Texts & t) {
    value->clear();
    for (const auto & item : Items(t))
    {
      CheckChoice(m_All[at], item);
      value->push_back(item);
    }
  };
  parameter.get = [value] { return Join(*value, ","); };
  return parameter;
}

Parameter & Parameters::Add(std::string_view name, std::vector<std::filesystem::path> * value,
                            std::string_view description)
{
  auto & parameter = Append(name, description, Kind::Paths);
  parameter.data = "file";
  parameter.channel = Channel::Input;
  parameter.set = [value](const Texts & t) { value->assign(t.begin(), t.end()); };
  parameter.get = [value] { return Listed(*value, [](const auto & path) { return path.string(); }); };
  return parameter;
}

Parameter & Parameters::AddResult(std::string_view name, std::string * value, std::string_view description)
{
  auto & parameter = Add(name, value, description);
  parameter.isResult = true;
  return parameter;
}

Parameter & Parameters::AddResult(std::string_view name, double * value, std::string_view description)
{
  auto & parameter = Add(name, value, description);
  parameter.isResult = true;
  return parameter;
}

Parameter & Parameters::AddDevice(std::string * value)
{
  return Add("device", value, "Where to compute: auto takes a CUDA device when there is one")
    .Choices({ "auto", "cpu", "cuda" });
}

Parameter & Parameters::AddSeed(std::uint64_t * value)
{
  return Add("seed", value, "Seed of everything random: the same seed gives the same result");
}

} // namespace serval::app
