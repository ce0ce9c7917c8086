#include "serval/Training/LossPlan.h"

#include "serval/Core/Error.h"
#include "serval/Training/Saliency.h"

#include <algorithm>

namespace serval
{

void LossPlan::Check(int classes) const
{
  Require(focal >= 0 && focal <= 20, Fault::Usage, "a focal exponent of ", focal, "; 0 to 20 is possible");
  Require(labelSmoothing >= 0 && labelSmoothing < 1, Fault::Usage, "label smoothing of ", labelSmoothing, "; 0 to below 1 is possible");
  Require(tversky > 0 && tversky < 1, Fault::Usage, "a Tversky weight of ", tversky, "; between 0 and 1 is possible");
  Require(auxiliary >= 0, Fault::Usage, "a weight of ", auxiliary, " for further heads; 0 or more is possible");
  Require(distillation >= 0 && distillation <= 1 && temperature > 0, Fault::Usage, "a distillation weight of ", distillation,
          " at temperature ", temperature, "; 0 to 1, and a temperature above 0, are possible");
  Require(classWeights.empty() || static_cast<int>(classWeights.size()) == classes, Fault::Usage, classWeights.size(),
          " class weights for ", classes, " classes");
  Require(classWeights.empty() || (std::all_of(classWeights.begin(), classWeights.end(), [](double w) { return w >= 0; }) &&
                                   std::any_of(classWeights.begin(), classWeights.end(), [](double w) { return w > 0; })),
          Fault::Usage, "class weights are numbers of at least 0, one above 0");
}

LossPlan::Overlap LossPlan::OverlapFrom(const std::string & text)
{
  if (text == "none")
    return Overlap::None;
  if (text == "dice")
    return Overlap::Dice;
  if (text == "generalised-dice")
    return Overlap::GeneralisedDice;
  Require(text == "tversky", Fault::Usage, "the overlap loss '", text, "' is unknown; none, dice, generalised-dice and tversky are known");
  return Overlap::Tversky;
}

SaliencyRequest::Method SaliencyRequest::MethodFrom(const std::string & text)
{
  if (text == "grad-cam")
    return Method::GradCam;
  if (text == "integrated-gradients")
    return Method::IntegratedGradients;
  if (text == "guided-backpropagation")
    return Method::GuidedBackpropagation;
  Require(text == "occlusion", Fault::Usage, "the method '", text, "' is unknown; grad-cam, integrated-gradients, guided-backpropagation and occlusion are known");
  return Method::Occlusion;
}

} // namespace serval
