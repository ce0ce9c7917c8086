#include "serval/Dataset/ShuffledLabels.h"

#include "serval/Core/Error.h"
#include "serval/Core/Random.h"

#include <map>
#include <set>

namespace serval
{
namespace
{

// Rows that have a class, together where they belong to one owner, who changes classes as a whole.
struct Owners
{
  std::vector<std::vector<std::size_t>> rows;
  std::vector<int>                      classes;
};

std::map<std::string, std::set<int>> ClassesOfPatients(const std::vector<std::string> & patients, const std::vector<int> & classes)
{
  std::map<std::string, std::set<int>> found;
  for (std::size_t i = 0; i < patients.size(); ++i)
    if (classes[i] >= 0)
      found[patients[i]].insert(classes[i]);
  return found;
}

Owners OwnersOf(const std::vector<std::string> & patients, const std::vector<int> & classes, bool ofPatients)
{
  std::map<std::string, std::vector<std::size_t>> grouped;
  for (std::size_t i = 0; i < patients.size(); ++i)
    if (classes[i] >= 0)
      grouped[patients[i]].push_back(i);
  Owners owners;
  for (const auto & [patient, rows] : grouped)
    for (std::size_t i = 0; i < rows.size(); i += ofPatients ? rows.size() : 1)
    {
      owners.rows.push_back(ofPatients ? rows : std::vector<std::size_t>{ rows[i] });
      owners.classes.push_back(classes[rows[i]]);
    }
  return owners;
}

} // namespace

ShuffledLabels ShuffleLabels(const std::vector<std::string> & patients, const std::vector<int> & classes, std::uint64_t seed)
{
  Require(patients.size() == classes.size(), Fault::Internal, patients.size(), " patients for ", classes.size(), " classes");
  const auto     known = ClassesOfPatients(patients, classes);
  std::set<int>  kinds;
  ShuffledLabels result;
  result.ofPatients = true;
  for (const auto & [patient, of] : known)
  {
    kinds.insert(of.begin(), of.end());
    result.ofPatients = result.ofPatients && of.size() == 1;
  }
  Require(known.size() >= 2 && kinds.size() >= 2, Fault::Input, known.size(), " patient(s) with ", kinds.size(),
          " class(es) take part; labels are shuffled between two or more patients of two or more classes");
  auto            owners = OwnersOf(patients, classes, result.ofPatients);
  std::mt19937_64 random(DeriveSeed(seed, { "shuffled labels" }));
  while (result.changed == 0)
  {
    Shuffle(owners.classes, random);
    result.classes = classes;
    for (std::size_t i = 0; i < owners.rows.size(); ++i)
      for (const auto row : owners.rows[i])
      {
        result.classes[row] = owners.classes[i];
        result.changed += owners.classes[i] != classes[row];
      }
  }
  return result;
}

} // namespace serval
