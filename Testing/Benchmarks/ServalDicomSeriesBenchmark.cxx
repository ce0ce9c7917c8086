// ServalDicomSeriesBenchmark [FOLDER]: a DICOM series read by Serval and by ITK (GDCMSeriesFileNames + ImageSeriesReader),
// in turns within one process; both give int16 voxels, which are compared. Without FOLDER: 160 slices of 256 x 256.
#include "DicomPhantom.h"
#include "Phantom.h"
#include "Support.h"

#include <itkGDCMImageIO.h>
#include <itkGDCMSeriesFileNames.h>
#include <itkImageSeriesReader.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <iostream>

namespace
{

using Image = itk::Image<std::int16_t, 3>;

Image::Pointer ReadWithItk(const std::string & folder)
{
  const auto names = itk::GDCMSeriesFileNames::New();
  names->SetUseSeriesDetails(false);
  names->SetDirectory(folder);
  const auto reader = itk::ImageSeriesReader<Image>::New();
  reader->SetImageIO(itk::GDCMImageIO::New());
  reader->SetFileNames(names->GetInputFileNames());
  reader->Update();
  return reader->GetOutput();
}

template <typename TRead>
double Milliseconds(TRead read)
{
  const auto begin = std::chrono::steady_clock::now();
  read();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

double Median(std::vector<double> values)
{
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

bool HoldTheSame(const serval::Volume & ours, const Image & peer)
{
  const auto * voxels = std::get_if<std::vector<std::int16_t>>(&ours.voxels);
  return voxels && voxels->size() == peer.GetBufferedRegion().GetNumberOfPixels() &&
         std::memcmp(voxels->data(), peer.GetBufferPointer(), voxels->size() * sizeof(std::int16_t)) == 0;
}

} // namespace

int main(int argc, char ** argv)
{
  const serval::support::TemporaryFolder made;
  const std::string                      folder = argc > 1 ? argv[1] : made.Path().string();
  if (argc < 2)
    serval::support::WriteShuffled(serval::support::PlanesOf(serval::support::Ramp(serval::support::ObliqueGeometry({ 256, 256, 160 })), 1, -1024), folder);
  std::vector<double> ours, peers, ratios;
  for (int turn = 0; turn < 21; ++turn)
  {
    serval::Volume volume;
    Image::Pointer image;
    ours.push_back(Milliseconds([&] { volume = serval::ReadVolume(folder); }));
    peers.push_back(Milliseconds([&] { image = ReadWithItk(folder); }));
    ratios.push_back(ours.back() / peers.back());
    if (turn == 0 && !HoldTheSame(volume, *image))
      std::cout << "the voxels differ (padding, or a type other than int16)\n";
  }
  std::cout << "Serval " << Median(ours) << " ms (least " << *std::min_element(ours.begin(), ours.end()) << "), ITK " << Median(peers)
            << " ms (least " << *std::min_element(peers.begin(), peers.end()) << "), ratio " << Median(ratios) << " (median of "
            << ratios.size() << " pairs)\n";
}
