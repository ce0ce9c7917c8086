// Several processes that train together give what one gives.
#include "CommandSupport.h"
#include "serval/Core/Table.h"
#include "serval/Core/TensorFile.h"

#include <gtest/gtest.h>

#include <csignal>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace serval::commands
{
namespace
{

int FreePort()
{
  const int   socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ::bind(socket, reinterpret_cast<sockaddr *>(&address), size);
  ::getsockname(socket, reinterpret_cast<sockaddr *>(&address), &size);
  ::close(socket);
  return ntohs(address.sin_port);
}

class Processes : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  std::string At(const std::string & name) const { return (folder / name).string(); }

  void SetUp() override
  {
    WriteCohort(folder.Path(), 4);
    support::WriteFile(At("validation.txt"), "p3\n");
    const auto result = RunModule("ServalExtractPatches", { "--manifest", At("m.csv"), "--cache", At("t.cache"), "--size", "8,8,8", "--count", "12", "--dense", "segmentation", "--denseNames", "outside,lower,upper", "--classFrom", "centre",
                                                            "--classNames", "dark,bright", "--classLabels", "1,2", "--sampler", "class", "--shortfall", "fewer" });
    ASSERT_EQ(result.code, 0) << result.error;
  }

  Words Training(const std::string & name, const Words & more) const
  {
    Words words{ "--cache", At("t.cache"), "--output", At(name + ".safetensors"), "--curve", At(name + ".csv"), "--batch", "8", "--threads", "1", "--depth", "2",
                 "--precision", "float32", "--device", "cpu" };
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  // The exit codes.
  std::vector<int> Together(int count, const std::string & module, const Words & words) const
  {
    const auto               port = std::to_string(FreePort());
    std::vector<int>         codes(static_cast<std::size_t>(count), -1);
    std::vector<std::jthread> threads;
    for (int rank = 0; rank < count; ++rank)
      threads.emplace_back([&, rank] {
        Words command{ "/usr/bin/env", "RANK=" + std::to_string(rank), "WORLD_SIZE=" + std::to_string(count), "MASTER_ADDR=127.0.0.1", "MASTER_PORT=" + port, Module(module) };
        command.insert(command.end(), words.begin(), words.end());
        codes[static_cast<std::size_t>(rank)] = support::RunCommand(command).code;
      });
    threads.clear();
    return codes;
  }

  // Of all numbers of the models, relative to their size.
  double Distance(const std::string & a, const std::string & b) const
  {
    const auto one = TensorFile::Read(At(a + ".safetensors")), other = TensorFile::Read(At(b + ".safetensors"));
    double     squares = 0, size = 0;
    for (const auto & [name, array] : one.arrays)
      for (std::size_t i = 0; i < array.values.size(); ++i)
      {
        squares += std::pow(array.values[i] - other.arrays.at(name).values[i], 2);
        size += std::pow(array.values[i], 2);
      }
    return std::sqrt(squares / size);
  }

  void ExpectSameCourse(const std::string & module, double tolerance, const Words & more)
  {
    ASSERT_EQ(RunModule(module, Training("one", more)).code, 0);
    const Table one = Table::Read(At("one.csv"));
    for (const int count : { 2, 4 })
    {
      const auto name = "of" + std::to_string(count);
      ASSERT_EQ(Together(count, module, Training(name, more)), std::vector<int>(static_cast<std::size_t>(count), 0));
      const Table several = Table::Read(At(name + ".csv"));
      ASSERT_EQ(several.Rows(), one.Rows());
      for (std::size_t i = 0; i < one.Rows(); ++i)
        for (const char * column : { "loss", "validation_loss" })
        {
          if (one.At(i, column).empty())
            continue;
          EXPECT_NEAR(several.Number(i, column), one.Number(i, column), tolerance * (1 + one.Number(i, column))) << count << " processes, row " << i;
        }
      EXPECT_LT(Distance("one", name), 10 * tolerance) << count << " processes";
    }
  }
};

// Plain gradient descent, as adaptive rates amplify the last bits; so do units that change sides, over some steps, where
// batches are normalised.
TEST_F(Processes, GiveTheCurveAndTheWeightsOfOneWithTheSameBatch)
{
  ExpectSameCourse("ServalTrainClassifier", 1e-5, { "--steps", "10", "--optimiser", "sgd", "--learningRate", "0.005", "--validation", At("validation.txt"), "--evaluateEvery", "5",
                                                    "--augment", "light", "--normalisation", "none", "--filters", "6" });
}

TEST_F(Processes, ShareTheStatisticsOfBatches)
{
  ExpectSameCourse("ServalPretrainNetwork", 1e-4, { "--steps", "4", "--optimiser", "sgd", "--learningRate", "0.05", "--overlap", "none", "--accumulate", "2", "--filters", "4" });
}

TEST_F(Processes, RefuseABatchThatIsNotOfEqualParts)
{
  EXPECT_EQ(Together(3, "ServalTrainClassifier", Training("t", { "--steps", "2" })), std::vector<int>(3, 2));
  EXPECT_FALSE(std::filesystem::exists(At("t.safetensors")));
}

} // namespace
} // namespace serval::commands
