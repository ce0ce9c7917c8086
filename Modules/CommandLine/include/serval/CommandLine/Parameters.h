#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace serval::app
{

enum class Kind
{
  Boolean,
  Integer,
  Double,
  String,
  Path,
  IntegerVector,
  DoubleVector,
  StringVector,
  Paths
};

enum class Channel
{
  None,
  Input,
  Output
};

/// One declared parameter: the words around a member of the application, whose initialiser is the default.
class Parameter
{
public:
  /// A path that is read or written: `data` is image, label, file, directory, pointfile or table; `extensions` as in
  /// ".nii.gz,.nrrd", of which Slicer writes the first.
  Parameter & In(std::string_view data, std::string_view extensions = {});
  Parameter & Out(std::string_view data, std::string_view extensions = {});
  /// Inclusive limits, checked by the program.
  Parameter & Range(double minimum, double maximum);
  Parameter & Choices(std::vector<std::string> choices);
  /// A value without a flag, in this place of the command line; required unless Optional() follows.
  Parameter & Positional(int index);
  Parameter & Letter(char letter);
  /// The parameter has no usable default: leaving it out is a usage error.
  Parameter & Required();
  /// A path may be left out.
  Parameter & Optional();
  /// A path that may hold a patient's name: messages show it as a keyed hash.
  Parameter & Identifying();
  /// An output volume that Slicer puts beside the input of this name.
  Parameter & Reference(std::string_view input);

  std::string                                           name, description, data, extensions, group, reference;
  Kind                                                  kind = Kind::String;
  Channel                                               channel = Channel::None;
  double                                                minimum = -std::numeric_limits<double>::infinity();
  double                                                maximum = std::numeric_limits<double>::infinity();
  std::vector<std::string>                              choices;
  int                                                   index = -1;
  char                                                  letter = 0;
  bool                                                  required = false;
  bool                                                  identifying = false;
  bool                                                  isResult = false; ///< returned to the host, never given
  std::function<void(const std::vector<std::string> &)> set; ///< texts of the command line -> the member
  std::function<std::string()>                          get; ///< the member as text
};

/// The parameters of one application, in the order of their declaration.
class Parameters
{
public:
  /// Following parameters stand in this panel. Slicer shows the first one, "Input and output", open and the others closed;
  /// so does --help.
  void Group(std::string_view label);

  Parameter & Add(std::string_view name, bool * value, std::string_view description);
  Parameter & Add(std::string_view name, int * value, std::string_view description);
  Parameter & Add(std::string_view name, std::uint64_t * value, std::string_view description);
  Parameter & Add(std::string_view name, double * value, std::string_view description);
  Parameter & Add(std::string_view name, std::string * value, std::string_view description);
  Parameter & Add(std::string_view name, std::filesystem::path * value, std::string_view description);
  Parameter & Add(std::string_view name, std::vector<int> * value, std::string_view description);
  Parameter & Add(std::string_view name, std::vector<double> * value, std::string_view description);
  Parameter & Add(std::string_view name, std::vector<std::string> * value, std::string_view description);
  Parameter & Add(std::string_view name, std::vector<std::filesystem::path> * value, std::string_view description);
  /// A word or number that the run finds and hands back to the host (Slicer's return parameters).
  Parameter & AddResult(std::string_view name, std::string * value, std::string_view description);
  Parameter & AddResult(std::string_view name, double * value, std::string_view description);
  /// --device auto|cpu|cuda
  Parameter & AddDevice(std::string * value);
  Parameter & AddSeed(std::uint64_t * value);

  const std::vector<Parameter> & All() const { return m_All; }
  std::vector<Parameter> &       All() { return m_All; }

private:
  Parameter & Append(std::string_view name, std::string_view description, Kind kind);

  std::vector<Parameter> m_All;
  std::string            m_Group = "Input and output";
};

} // namespace serval::app
