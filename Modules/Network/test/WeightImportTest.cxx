#include "Support.h"
#include "serval/Core/Error.h"
#include "serval/Network/TorchFile.h"
#include "serval/Network/WeightImport.h"
#include "serval/Network/WeightSources.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace serval
{
namespace
{

std::string ErrorOf(const std::filesystem::path & file)
{
  try
  {
    TorchFile::Read(file);
  }
  catch (const Error & e)
  {
    EXPECT_EQ(e.Kind(), Fault::Input);
    return e.what();
  }
  return "no error";
}

std::filesystem::path Weights(const std::string & name) { return std::filesystem::path(SERVAL_SOURCE_DIRECTORY) / "Data/weights" / name; }

TEST(WeightSources, AreKnownNetworksAndFoundByTheirChecksum)
{
  const support::TemporaryFolder folder;
  std::filesystem::create_directories(folder / "deep/er");
  const auto networks = NetworkNames();
  int        present = 0;
  for (const auto & source : KnownWeightSources())
  {
    EXPECT_NE(std::find(networks.begin(), networks.end(), source.network), networks.end()) << source.network;
    EXPECT_FALSE(KnownNameMap(source.network).empty()) << source.network;
    EXPECT_FALSE(source.licence.empty() || source.publisher.empty() || source.address.empty());
    present += FindWeights(source, std::filesystem::path(SERVAL_SOURCE_DIRECTORY) / "Data").state == SourceState::Present;
    EXPECT_EQ(FindWeights(source, folder.Path()).state, SourceState::Absent);
    support::WriteFile(folder / ("deep/er/" + source.file), "another file");
    EXPECT_EQ(FindWeights(source, folder.Path()).state, source.sha256.empty() ? SourceState::Present : SourceState::Other) << source.name;
  }
  EXPECT_EQ(present, 2) << "the files of Data/weights";
}

TEST(WeightSources, SayWhatWasCheckedAndNameTheInputOfTheirNetwork)
{
  for (const auto & source : KnownWeightSources())
  {
    EXPECT_FALSE(source.checked.empty()) << source.name;
    EXPECT_EQ(source.sha256.empty(), source.unchecked.starts_with("checksum")) << source.name;
    EXPECT_TRUE(source.address.starts_with("in Data/weights") || source.address.ends_with('/' + source.file)) << source.name;
    // torchvision's GoogLeNet undoes the means and deviations of ImageNet and learned from RGB in [-1, 1].
    const bool isSymmetric = source.network == "googlenet-bn" || source.name == "meshnet-brain";
    EXPECT_EQ(source.options.find("--standard imagenet") == std::string::npos, isSymmetric) << source.name;
  }
}

TEST(TorchFile, ReadsAnOldFileAndAFileSavedOnCuda)
{
  const auto resnet = TorchFile::Read(Weights("resnet20-cifar10.th"));
  EXPECT_EQ(resnet.kind, TorchFile::Kind::Legacy);
  EXPECT_EQ(resnet.arrays.size(), 97U);
  EXPECT_EQ(resnet.arrays.at("state_dict.module.conv1.weight").shape, (std::vector<std::int64_t>{ 16, 3, 3, 3 }));
  const auto mesh = TorchFile::Read(Weights("meshnet-brain-t1.pth"));
  EXPECT_EQ(mesh.kind, TorchFile::Kind::Zip);
  EXPECT_EQ(mesh.arrays.size(), 135U);
}

class HostileFile : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  std::string ErrorOfBytes(const std::string & bytes)
  {
    support::WriteFile(folder / "hostile.pth", bytes);
    return ErrorOf(folder / "hostile.pth");
  }
};

TEST_F(HostileFile, ExecutesNothing)
{
  const std::string call("\x80\x02"
                         "cposix\nsystem\nX\x04\x00\x00\x00true\x85R.",
                         32);
  EXPECT_NE(ErrorOfBytes(call).find("posix.system, which is refused"), std::string::npos) << ErrorOfBytes(call);
  EXPECT_NE(ErrorOfBytes(std::string("\x80\x02") + "i\n.").find("opcode 105"), std::string::npos);
  EXPECT_NE(ErrorOfBytes("no pickle").find("neither a zip archive nor a pickle"), std::string::npos);
}

TEST_F(HostileFile, TruncatedAnywhereIsRefused)
{
  for (const std::string name : { "resnet20-cifar10.th", "meshnet-brain-t1.pth" })
  {
    const std::string whole = support::ReadFile(Weights(name));
    for (const double share : { 0.001, 0.01, 0.3, 0.9, 0.9999 })
      EXPECT_NE(ErrorOfBytes(whole.substr(0, static_cast<std::size_t>(share * double(whole.size())))), "no error") << name << ' ' << share;
  }
}

TEST_F(HostileFile, ChangedBytesEndInAnErrorOrInNumbers)
{
  const std::string whole = support::ReadFile(Weights("resnet20-cifar10.th"));
  for (std::size_t at = 0; at < 14000; at += 7)
  {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
    ErrorOfBytes(changed); // must return
  }
}

NetworkSpec Cifar(int dimension, int channels)
{
  NetworkSpec spec;
  spec.name = "resnet20-cifar";
  spec.dimension = dimension;
  spec.channels = channels;
  spec.classes = 10;
  return spec;
}

TEST(WeightImport, LoadsEveryArrayByTheKnownNames)
{
  const auto source = Renamed(TorchFile::Read(Weights("resnet20-cifar10.th")).arrays, KnownNameMap("resnet20-cifar"));
  const auto fitted = FitWeights(source, Cifar(2, 3), { 32, 32, 1 }, {});
  EXPECT_EQ(fitted.report.share, 1);
  for (const auto & [name, fate] : fitted.report.arrays)
    EXPECT_EQ(fate, "loaded") << name;
}

TEST(WeightImport, AdaptsChannelsAndInflatesByTheRule)
{
  const auto source = Renamed(TorchFile::Read(Weights("resnet20-cifar10.th")).arrays, KnownNameMap("resnet20-cifar"));
  const auto fitted = FitWeights(source, Cifar(3, 2), { 32, 32, 32 }, {});
  EXPECT_EQ(fitted.report.arrays.at("stem.conv.weight"), "resized");
  EXPECT_EQ(fitted.report.share, 1);
  const auto & kernels = fitted.arrays.at("stem.conv.weight");
  const auto & before = source.at("stem.conv.weight");
  EXPECT_EQ(kernels.shape, (std::vector<std::int64_t>{ 16, 2, 3, 3, 3 }));
  for (std::size_t out = 0; out < 16; ++out) // the response to a constant input stays
  {
    const auto sum = [out](const TensorFile::Array & a) {
      const auto size = static_cast<std::ptrdiff_t>(a.values.size() / 16), begin = size * std::ptrdiff_t(out);
      return std::accumulate(a.values.begin() + begin, a.values.begin() + begin + size, 0.0);
    };
    EXPECT_NEAR(sum(kernels), sum(before), 1e-5);
  }
  const auto kept = FitWeights(source, Cifar(3, 2), { 32, 32, 32 }, { false, false });
  EXPECT_EQ(kept.report.arrays.at("stem.conv.weight"), "of other shape");
  EXPECT_LT(kept.report.share, 0.1);
}

TEST(WeightImport, NameMapsComeFromAFileToo)
{
  const support::TemporaryFolder folder;
  support::WriteFile(folder / "map.txt", "# ours\n^first\\. -> conv1.\n\n");
  const Arrays renamed = Renamed({ { "module.first.weight", {} } }, ReadNameMap(folder / "map.txt"));
  EXPECT_TRUE(renamed.contains("conv1.weight"));
  support::WriteFile(folder / "map.txt", "a -> b\n(( -> c\n");
  EXPECT_THROW(ReadNameMap(folder / "map.txt"), Error);
  EXPECT_THROW(Renamed({ { "a", {} }, { "b", {} } }, { { "^[ab]$", "c" } }), Error);
}

} // namespace
} // namespace serval
