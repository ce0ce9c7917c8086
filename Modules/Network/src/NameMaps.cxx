#include "serval/Network/WeightImport.h"

namespace serval
{
namespace
{

using Rules = std::vector<NameRule>;

// torchvision's layer<S>.<B>.conv<K>, blocks counted from 0.
Rules ResNetRules()
{
  Rules rules{ { R"(^conv1\.)", "stem.conv." }, { R"(^bn1\.)", "stem.conv_norm." }, { R"(^(fc|linear)\.)", "classifier." } };
  for (int block = 0; block < 40; ++block)
    rules.push_back({ R"(^layer(\d)\.)" + std::to_string(block) + R"(\.)", "stage$1_" + std::to_string(block + 1) + "." });
  rules.push_back({ R"(\.bn(\d)\.)", ".conv$1_norm." });
  rules.push_back({ R"(\.downsample\.0\.)", ".shortcut." });
  rules.push_back({ R"(\.downsample\.1\.)", ".shortcut_norm." });
  return rules;
}

// A numbered list of features, in the order of our layers.
Rules Numbered(const std::string & list, const std::vector<std::pair<int, std::string>> & places)
{
  Rules rules;
  for (const auto & [place, layer] : places)
    rules.push_back({ "^" + list + R"(\.)" + std::to_string(place) + R"(\.)", layer + "." });
  return rules;
}

Rules VggRules(int deep)
{
  std::vector<std::pair<int, std::string>> places;
  int                                      at = 0;
  for (int block = 1; block <= 5; ++block, ++at) // the pooling between blocks has a place too
    for (int i = 1; i <= (block <= 2 ? 2 : deep); ++i, at += 2)
      places.emplace_back(at, "conv" + std::to_string(block) + "_" + std::to_string(i));
  return Numbered("features", places);
}

Rules DenseNetRules()
{
  return { { R"(^features\.conv0\.)", "stem.conv." },
           { R"(^features\.norm0\.)", "stem.conv_norm." },
           { R"(^features\.denseblock(\d)\.denselayer(\d+)\.)", "dense$1_$2." },
           { R"(\.(norm|conv)\.([12])\.)", ".$1$2." }, // names of the first published files
           { R"(^features\.transition(\d)\.)", "transition$1." },
           { R"(^features\.norm5\.)", "final.norm." } };
}

Rules GoogLeNetRules()
{
  return { { R"(\.bn\.)", "_norm." },
           { R"(\.conv\.)", "." },
           { R"(\.branch1(_norm)?\.)", ".one$1." },
           { R"(\.branch2\.0(_norm)?\.)", ".three_reduce$1." },
           { R"(\.branch2\.1(_norm)?\.)", ".three$1." },
           { R"(\.branch3\.0(_norm)?\.)", ".five_reduce$1." },
           { R"(\.branch3\.1(_norm)?\.)", ".five$1." },
           { R"(\.branch4\.1(_norm)?\.)", ".project$1." },
           { R"(^aux(\d)\.fc1\.)", "auxiliary$1.fc." },
           { R"(^aux(\d)\.fc2\.)", "auxiliary$1.classifier." },
           { R"(^aux(\d)(\.conv)?(_norm)?\.)", "auxiliary$1.conv$3." },
           { R"(^fc\.)", "classifier." } };
}

Rules MeshNetRules(int blocks)
{
  Rules rules;
  for (int block = 0; block < blocks; ++block)
  {
    const std::string from = "^" + std::to_string(block) + R"(\.)", to = "conv" + std::to_string(block + 1);
    rules.push_back({ from + R"(0\.)", to + "." });
    rules.push_back({ from + R"(1\.)", to + ".norm." });
  }
  rules.push_back({ "^" + std::to_string(blocks) + R"(\.)", "head." });
  return rules;
}

Rules And(Rules rules, const Rules & more)
{
  rules.insert(rules.end(), more.begin(), more.end());
  return rules;
}

Rules LayerRules(const std::string & network)
{
  if (network.starts_with("resnet"))
    return ResNetRules();
  if (network == "alexnet-one-tower")
    return And(Numbered("features", { { 0, "conv1" }, { 3, "conv2" }, { 6, "conv3" }, { 8, "conv4" }, { 10, "conv5" } }),
               Numbered("classifier", { { 1, "fc6" }, { 4, "fc7" }, { 6, "classifier" } }));
  if (network == "vgg16" || network == "vgg19")
    return And(VggRules(network == "vgg16" ? 3 : 4), Numbered("classifier", { { 0, "fc6" }, { 3, "fc7" }, { 6, "classifier" } }));
  if (network == "densenet121")
    return DenseNetRules();
  if (network == "googlenet-bn")
    return GoogLeNetRules();
  if (network == "meshnet-20")
    return MeshNetRules(19);
  return {};
}

} // namespace

std::vector<NameRule> KnownNameMap(const std::string & network)
{
  const Rules layers = LayerRules(network);
  return layers.empty() ? layers : And({ { R"(\.running_mean$)", ".mean" }, { R"(\.running_var$)", ".variance" } }, layers);
}

} // namespace serval
