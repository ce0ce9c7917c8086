#include "serval/Core/Error.h"
#include "serval/Network/NetworkSpec.h"

#include <gtest/gtest.h>

#include <ostream>

namespace serval
{
namespace
{

NetworkSpec Spec(const std::string & name, int dimension, int channels, int classes, bool auxiliary = false)
{
  NetworkSpec spec;
  spec.name = name;
  spec.dimension = dimension;
  spec.channels = channels;
  spec.classes = classes;
  spec.deepSupervision = auxiliary;
  return spec;
}

std::int64_t Parameters(const NetworkSpec & spec) { return SizeOf(BuildNetwork(spec), PublishedInput(spec)).parameters; }

struct Published
{
  NetworkSpec  spec;
  std::int64_t parameters;
};

void PrintTo(const Published & one, std::ostream * out) { *out << one.spec.name << ' ' << one.spec.dimension << 'D'; }

class PublishedCount : public testing::TestWithParam<Published>
{};

TEST(CicekUNet, HasThePublishedNumberOfParameters)
{
  NetworkSpec spec = Spec("unet-cicek", 3, 3, 0);
  spec.segmentationClasses = 3;
  spec.normalisation = "none"; // the published number does not count it
  EXPECT_EQ(Parameters(spec), 19'069'955);
}

TEST_P(PublishedCount, IsMet) { EXPECT_EQ(Parameters(GetParam().spec), GetParam().parameters); }

// Counts of the publications, or counted from the author's definition (learned numbers, no running statistics).
INSTANTIATE_TEST_SUITE_P(Networks, PublishedCount,
                         testing::Values(Published{ Spec("alexnet", 2, 3, 1000), 60'965'224 },
                                         Published{ Spec("alexnet-ungrouped", 2, 3, 1000), 62'378'344 },
                                         Published{ Spec("alexnet-one-tower", 2, 3, 1000), 61'100'840 },
                                         Published{ Spec("vgg16", 2, 3, 1000), 138'357'544 },
                                         Published{ Spec("vgg19", 2, 3, 1000), 143'667'240 },
                                         Published{ Spec("vgg-m", 2, 3, 1000), 102'908'520 },
                                         Published{ Spec("vgg-m", 2, 3, 2), 98'819'714 },
                                         Published{ Spec("googlenet", 2, 3, 1000), 6'998'552 },
                                         Published{ Spec("googlenet", 2, 3, 1000, true), 13'378'280 },
                                         Published{ Spec("googlenet-bn", 2, 3, 1000), 6'624'904 },
                                         Published{ Spec("googlenet-bn", 2, 3, 1000, true), 13'004'888 },
                                         Published{ Spec("resnet18", 2, 3, 1000), 11'689'512 },
                                         Published{ Spec("resnet34", 2, 3, 1000), 21'797'672 },
                                         Published{ Spec("resnet50", 2, 3, 1000), 25'557'032 },
                                         Published{ Spec("resnet101", 2, 3, 1000), 44'549'160 },
                                         Published{ Spec("resnet18", 3, 3, 400), 33'409'104 },
                                         Published{ Spec("resnet50", 3, 3, 400), 47'018'576 },
                                         Published{ Spec("densenet121", 2, 3, 1000), 7'978'856 },
                                         Published{ Spec("cifarnet", 2, 3, 10), 145'578 },
                                         Published{ Spec("cifarnet-full", 2, 3, 10), 89'578 },
                                         Published{ Spec("local5", 2, 3, 10), 1'901'386 },
                                         Published{ Spec("ild-cnn", 2, 1, 7), 471'567 },
                                         Published{ Spec("resnet20-cifar", 2, 3, 10), 269'722 }));

} // namespace
} // namespace serval
