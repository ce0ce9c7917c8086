#pragma once

#include "StudyFields.h"

namespace serval
{

/// Lists that spell out one table several times: key -> values, in the file's order.
struct Sweep
{
  std::vector<std::pair<std::string, std::vector<std::string>>> keys;
  std::vector<std::vector<const toml::node *>>                  nodes; ///< as `keys`
};

/// Reads the table `sweep` of an arm or a source.
Sweep ReadSweep(const toml::node * node, const std::filesystem::path & file);
/// "from:conv3" -> "from-conv3", for names.
std::string PlainName(const std::string & text);
/// The value as one word more of an option, in place of an older one.
void SetOption(Words & words, const std::string & key, const std::string & value);
/// Without these options, and with those of `over` in place of equal ones.
Words Without(const Words & words, const std::vector<std::string> & keys);
Words Overridden(const Words & words, const Words & over);

struct DeclaredSource
{
  StudySource source;
  Sweep       sweep;
};
struct DeclaredArm
{
  StudyArm arm;
  Sweep    sweep;
};

/// Each declares all keys of its table, reads them when there is a table, and gives the table's schema.
nlohmann::json DeclareTarget(StudyTarget & target, const toml::table * table, const std::filesystem::path & file);
nlohmann::json DeclareNetwork(StudyNetwork & network, const toml::table * table, const std::filesystem::path & file);
nlohmann::json DeclareSource(DeclaredSource & declared, const toml::table * table, const std::filesystem::path & file);
nlohmann::json DeclareArm(DeclaredArm & declared, const toml::table * table, const std::filesystem::path & file);
nlohmann::json DeclareDesign(StudyFile & study, bool & hasControls, std::vector<std::string> & controls, const toml::table * table, const std::filesystem::path & file);
nlohmann::json DeclareCompare(StudyFile & study, const toml::table * table, const std::filesystem::path & file);

/// What the file's author may have left out: sources and arms of a study that names only its data, compute-matched arms,
/// controls, baselines.
void AddDefaultArms(StudyFile & study);
void AddControls(StudyFile & study, const std::vector<std::string> & controls);
void AddMatchedArms(StudyFile & study);

/// The names in "ARM against ARM"; Fault::Input for another form.
std::pair<std::string, std::string> ArmsOfPair(const std::string & pair);

/// Contradictions between the tables of networks, sources and arms; told with their places.
void CheckDeclared(const StudyFile & study);
/// What names arms, automatic ones among them.
void CheckStudy(const StudyFile & study);

} // namespace serval
