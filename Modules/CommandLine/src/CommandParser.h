#pragma once

#include "serval/CommandLine/Application.h"

#include <memory>
#include <string>
#include <vector>

namespace serval::app
{

/// For people at a terminal, not for hosts: they stand in the help and not in the Slicer XML.
const std::vector<std::string> & PersonOptions();

/// TCLAP's arguments for the declared parameters; values stay text until our own checks.
class CommandParser
{
public:
  CommandParser(const Description & description, const Parameters & parameters);
  ~CommandParser();

  /// Sets the declared members; Fault::Usage for what is unknown, missing, surplus or not a value.
  void Parse(int argc, char ** argv);

  /// Whether a switch was given.
  bool Has(const std::string & name) const;
  /// Where the host wants the results; empty when it does not ask.
  std::string ReturnFile() const;

private:
  void AddFlag(const Parameter & parameter);
  void Take(const Parameter & parameter);

  struct Arguments;
  const Parameters &         m_Parameters;
  std::unique_ptr<Arguments> m_Arguments;
};

} // namespace serval::app
