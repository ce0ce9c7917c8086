#include "serval/Dataset/Lineage.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/PrivateFile.h"

#include <nlohmann/json.hpp>

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <set>

namespace serval
{
namespace
{

constexpr std::array      roleNames{ "images", "pseudo-labels", "expert-labels", "target-class" };
constexpr std::string_view schema = "serval-lineage/1";

/// Whole or not at all; of processes that come at once the first one's key stands.
void CreateKey(const std::filesystem::path & file)
{
  std::array<char, 32> random{};
  Require(::getrandom(random.data(), random.size(), 0) == static_cast<ssize_t>(random.size()), Fault::Environment,
          "the system gives no random bits");
  AtomicOutput output(file);
  CreatePrivateFile(output.Path(), Sha256({ random.data(), random.size() }) + "\n", "the key file");
  std::error_code failure;
  std::filesystem::create_hard_link(output.Path(), file, failure);
  if (failure && failure != std::errc::file_exists) // a file system without links
    output.Commit();
}

} // namespace

std::string ToText(Role role) { return roleNames[static_cast<std::size_t>(role)]; }

std::string ToText(Lineage::Verdict verdict)
{
  switch (verdict)
  {
    case Lineage::Verdict::Clean: return "clean";
    case Lineage::Verdict::Transductive: return "transductive";
    case Lineage::Verdict::Leaking: return "leaking";
    case Lineage::Verdict::NotCheckable: return "not checkable";
  }
  return {};
}

SiteKey SiteKey::OpenOrCreate(const std::filesystem::path & file)
{
  SiteKey key;
  if (!std::filesystem::exists(file))
    CreateKey(file);
  RequirePrivate(file, "the key file");
  key.m_Key = Trim(ReadTextFile(file, 4096));
  Require(key.m_Key.size() == 64, Fault::Input, "'", Shown(file), "' is no Serval key (64 hexadecimal digits are expected)");
  return key;
}

std::string SiteKey::PseudonymOf(const std::string & patient) const { return KeyedHash(m_Key, patient).substr(0, 32); }

void Lineage::Add(const std::string & pseudonym, Role role)
{
  const auto [at, fresh] = m_Patients.emplace(pseudonym, role);
  at->second = std::max(at->second, role);
}

void Lineage::Add(const Lineage & earlier)
{
  m_Complete = m_Complete && earlier.m_Complete;
  for (const auto & [pseudonym, role] : earlier.m_Patients)
    Add(pseudonym, role);
}

Lineage::Finding Lineage::Check(const std::vector<std::string> & pseudonyms) const
{
  Finding finding{ Verdict::Clean, 0, 0 };
  for (const auto & pseudonym : std::set<std::string>(pseudonyms.begin(), pseudonyms.end()))
  {
    ++finding.total;
    const auto found = m_Patients.find(pseudonym);
    if (found == m_Patients.end())
      continue;
    ++finding.known;
    const auto verdict = found->second >= Role::ExpertLabels ? Verdict::Leaking : Verdict::Transductive;
    finding.verdict = std::max(finding.verdict, verdict);
  }
  if (finding.verdict != Verdict::Leaking && !m_Complete)
    finding.verdict = Verdict::NotCheckable;
  return finding;
}

std::string Lineage::ToJson() const
{
  nlohmann::json patients = nlohmann::json::object();
  for (const auto & [pseudonym, role] : m_Patients)
    patients[pseudonym] = ToText(role);
  return nlohmann::json{ { "schema", schema }, { "complete", m_Complete }, { "patients", patients } }.dump();
}

Lineage Lineage::FromJson(const std::string & text)
{
  try
  {
    const auto json = nlohmann::json::parse(text);
    Require(json.at("schema") == schema, Fault::Input, "the lineage has an unknown schema");
    Lineage lineage;
    lineage.m_Complete = json.at("complete");
    for (const auto & [pseudonym, role] : json.at("patients").items())
    {
      const auto found = std::find(roleNames.begin(), roleNames.end(), role.get<std::string>());
      Require(found != roleNames.end(), Fault::Input, "the lineage names an unknown role");
      lineage.Add(pseudonym, static_cast<Role>(found - roleNames.begin()));
    }
    return lineage;
  }
  catch (const nlohmann::json::exception &)
  {
    Fail(Fault::Input, "the model's lineage is damaged");
  }
}

std::vector<std::string> ReadPatientList(const std::filesystem::path & file, const std::vector<std::string> & known)
{
  std::vector<std::string> patients;
  for (const auto & line : Split(ReadTextFile(file), '\n'))
    if (const auto patient = Trim(line); !patient.empty())
    {
      Require(std::find(known.begin(), known.end(), patient) != known.end(), Fault::Input, "'", file.string(),
              "' names the patient '", patient, "', whom the data do not have");
      patients.push_back(patient);
    }
  Require(!patients.empty(), Fault::Input, "'", file.string(), "' names no patient");
  return patients;
}

} // namespace serval
