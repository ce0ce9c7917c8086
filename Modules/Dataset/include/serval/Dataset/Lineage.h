#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace serval
{

/// How a patient was known to a model, from little to much.
enum class Role
{
  Images,
  PseudoLabels,
  ExpertLabels,
  TargetClass
};
std::string ToText(Role role);

/// A site's secret key: pseudonyms and lineage are keyed hashes under it.
class SiteKey
{
public:
  /// Reads the key, or creates it (256 random bits, mode 0600) when the file is missing; never overwrites. Fault::Input
  /// when others may read the file.
  static SiteKey OpenOrCreate(const std::filesystem::path & file);
  std::string    PseudonymOf(const std::string & patient) const;

private:
  std::string m_Key;
};

/// Every patient that ever touched a model, over all stages, as keyed hash with the strongest role.
class Lineage
{
public:
  enum class Verdict
  {
    Clean,       ///< no patient of the test set is known
    Transductive,///< some are known, by images or pseudo-labels only
    Leaking,     ///< some are known by expert label or target class
    NotCheckable ///< model or test set comes without the key
  };
  struct Finding
  {
    Verdict verdict = Verdict::NotCheckable;
    int     known = 0; ///< patients of the test set that are known
    int     total = 0;
  };

  void        Add(const std::string & pseudonym, Role role);
  void        Add(const Lineage & earlier);
  /// A stage trained without a key: nothing can be said about this model any more.
  void        MarkIncomplete() { m_Complete = false; }
  bool        Complete() const { return m_Complete; }
  Finding     Check(const std::vector<std::string> & pseudonyms) const;
  std::string ToJson() const;
  static Lineage FromJson(const std::string & json);

private:
  std::map<std::string, Role> m_Patients;
  bool                        m_Complete = true;
};
std::string ToText(Lineage::Verdict verdict);

/// Patients named in a text file, one a line; Fault::Input when one is not among `known`.
std::vector<std::string> ReadPatientList(const std::filesystem::path & file, const std::vector<std::string> & known);

} // namespace serval
