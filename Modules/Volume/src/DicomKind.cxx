#include "DicomKind.h"

#include "DicomTags.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace serval
{
namespace
{

constexpr std::string_view storage = "1.2.840.10008.5.1.4.1.1.";

std::string Upper(std::string text)
{
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

template <std::size_t N>
bool HasAny(const std::string & text, const std::array<std::string_view, N> & words)
{
  return std::any_of(words.begin(), words.end(), [&](auto word) { return text.find(word) != std::string::npos; });
}

} // namespace

SeriesKind KindOf(const DicomElements & elements)
{
  const std::string type = Upper(elements.Text(tag::imageType)), sop = elements.Text(tag::sopClass);
  const std::string modality = Upper(elements.Text(tag::modality)), words = Upper(elements.Text(tag::seriesDescription));
  const std::string capture = std::string(storage) + "7";
  if (sop == std::string(storage) + "66.4" || modality == "SEG")
    return SeriesKind::Segmentation;
  if (HasAny(type, std::array<std::string_view, 1>{ "SCREEN" }))
    return SeriesKind::ScreenCapture;
  if (sop == capture || sop.starts_with(capture + "."))
    return SeriesKind::SecondaryCapture;
  if (HasAny(type, std::array<std::string_view, 2>{ "LOCALIZER", "SCOUT" }) ||
      HasAny(words, std::array<std::string_view, 6>{ "LOCALIZER", "LOCALISER", "SCOUT", "TOPOGRAM", "SURVIEW", "SURVEY" }))
    return SeriesKind::Localizer;
  const bool isGrey = elements.Integer(tag::samplesPerPixel, 1) == 1 && elements.Text(tag::photometric).starts_with("MONOCHROME");
  const auto bits = elements.Integer(tag::bitsAllocated, 16);
  const bool isMosaic = type.find("MOSAIC") != std::string::npos;
  return isGrey && !isMosaic && (bits == 8 || bits == 16 || bits == 32 || bits == 64) ? SeriesKind::Volume : SeriesKind::Other;
}

std::string KnownModality(const std::string & word)
{
  static constexpr std::string_view terms = " CR CT DOC DX ECG ES IO IVOCT IVUS KO M3D MG MR NM OAM OCT OP OPT OT PR PT PX REG RF RTDOSE "
                                            "RTIMAGE RTPLAN RTRECORD RTSTRUCT RWV SEG SM SR US XA XC ";
  return word.find(' ') == std::string::npos && terms.find(" " + word + " ") != std::string_view::npos ? word : std::string();
}

std::string ModalityOf(const DicomElements & elements) { return KnownModality(elements.Text(tag::modality)); }

bool MustHavePlace(const std::string & sopClass)
{
  static constexpr std::array<std::string_view, 8> classes{ "2", "2.1", "2.2", "4", "4.1", "4.4", "128", "130" };
  return std::any_of(classes.begin(), classes.end(), [&](auto c) { return sopClass == std::string(storage).append(c); });
}

bool MayShowFace(const DicomElements & elements, SeriesKind kind)
{
  static constexpr std::array<std::string_view, 18> parts{ "HEAD", "BRAIN", "SKULL", "NECK", "FACE", "FACIAL", "ORBIT", "SINUS",
                                                           "CRANI", "KOPF", "HALS", "HIRN", "CEREBR", "MPRAGE", "SELLA", "TEMPORAL BONE",
                                                           "T1W", "FLAIR" };
  const std::string modality = elements.Text(tag::modality);
  const std::string words = Upper(elements.Text(tag::bodyPart) + " " + elements.Text(tag::seriesDescription) + " " +
                                  elements.Text(tag::protocolName) + " " + elements.Text(tag::studyDescription));
  return kind == SeriesKind::Volume && (modality == "CT" || modality == "MR") && HasAny(words, parts);
}

} // namespace serval
