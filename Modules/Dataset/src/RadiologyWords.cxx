#include "serval/Core/Text.h"
#include "serval/Dataset/CohortMatching.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace serval
{
namespace
{

constexpr std::array<std::string_view, 92> known{
  "2D",      "3D",       "ABDOMEN",  "ADC",      "ANGIO",    "ARTERIAL", "ARTERIELL", "AX",        "AXIAL",     "B0",       "B1000",
  "BONE",    "BRAIN",    "BRAVO",    "C",        "CARDIAC",  "CE",       "CHEST",     "CISS",      "CONTRAST",  "COR",      "CORONAL",
  "CT",      "CTA",      "DELAYED",  "DIXON",    "DWI",      "DYN",      "EPI",       "FAT",       "FATSAT",    "FFE",      "FLAIR",
  "FLASH",   "FS",       "FSE",      "GD",       "GRE",      "HEAD",     "HEART",     "HRCT",      "IN",        "ISO",      "KIDNEY",
  "KM",      "KNOCHEN",  "LIVER",    "LUNG",     "LUNGE",    "MIP",      "MPR",       "MPRAGE",    "MR",        "MRA",      "NATIV",
  "NATIVE",  "NECK",     "OPP",      "PD",       "PELVIS",   "PET",      "PHASE",     "PORTAL",    "PORTALVENOUS", "POST",  "PRE",
  "PROSTATE", "SAG",     "SAGITTAL", "SE",       "SOFT",     "SPACE",    "SPAIR",     "SPGR",      "SPINE",     "STIR",     "SWI",
  "T1",      "T1W",      "T2",       "T2W",      "TFE",      "THICK",    "THIN",      "THORAX",    "TIRM",      "TRA",      "TSE",
  "VENOUS",  "VIBE",     "WITHOUT",  "VENOES"
};

} // namespace

std::string RadiologyWords(const std::string & description)
{
  std::vector<std::string> words;
  std::string              word;
  for (const char c : description + " ")
    if (std::isalnum(static_cast<unsigned char>(c)))
      word += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    else if (!word.empty())
    {
      if (std::find(known.begin(), known.end(), word) != known.end())
        words.push_back(word);
      word.clear();
    }
  return Join(words, " ");
}

} // namespace serval
