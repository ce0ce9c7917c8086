#include "serval/Visualization/Picture.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"

#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkPNGWriter.h>
#include <vtkUnsignedCharArray.h>

#include <algorithm>
#include <array>

namespace serval
{

Picture::Picture(PictureSize pictureSize, Color background)
  : size(pictureSize)
{
  const auto sensible = [](int side) { return side >= 16 && side <= 16384; };
  Require(sensible(size.width) && sensible(size.height), Fault::Usage, "a picture of ", size.width, " x ", size.height,
          " pixels cannot be made; 16 to 16384 a side are expected");
  rgb.resize(3 * static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height));
  for (std::size_t i = 0; i < rgb.size(); i += 3)
  {
    rgb[i] = background.r;
    rgb[i + 1] = background.g;
    rgb[i + 2] = background.b;
  }
}

Color Picture::At(int x, int y) const
{
  const auto i = 3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width) + static_cast<std::size_t>(x));
  return { rgb[i], rgb[i + 1], rgb[i + 2] };
}

void Picture::Set(int x, int y, Color color)
{
  const auto i = 3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width) + static_cast<std::size_t>(x));
  rgb[i] = color.r;
  rgb[i + 1] = color.g;
  rgb[i + 2] = color.b;
}

Picture Tiled(const std::vector<Picture> & pictures, int columns, int gap)
{
  Require(!pictures.empty() && columns > 0, Fault::Input, "there is no picture to put beside others");
  const PictureSize one = pictures[0].size;
  const int         rows = (static_cast<int>(pictures.size()) + columns - 1) / columns;
  Picture           all({ columns * (one.width + gap) - gap, rows * (one.height + gap) - gap }, { 70, 70, 74 });
  for (std::size_t i = 0; i < pictures.size(); ++i)
  {
    const auto & picture = pictures[i];
    Require(picture.size.width == one.width && picture.size.height == one.height, Fault::Input, "a picture of ", picture.size.width, " x ", picture.size.height,
            " pixels cannot stand beside one of ", one.width, " x ", one.height);
    const int left = static_cast<int>(i) % columns * (one.width + gap), top = static_cast<int>(i) / columns * (one.height + gap);
    for (int y = 0; y < one.height; ++y)
      std::copy_n(picture.rgb.begin() + 3 * std::ptrdiff_t(one.width) * y, 3 * one.width,
                  all.rgb.begin() + 3 * (std::ptrdiff_t(all.size.width) * (top + y) + left));
  }
  return all;
}

std::string EncodePng(const Picture & picture)
{
  vtkNew<vtkImageData> image;
  image->SetDimensions(picture.size.width, picture.size.height, 1);
  image->AllocateScalars(VTK_UNSIGNED_CHAR, 3);
  const std::size_t row = 3 * static_cast<std::size_t>(picture.size.width);
  for (int y = 0; y < picture.size.height; ++y) // VTK's rows come from the bottom
    std::copy_n(picture.rgb.begin() + static_cast<std::ptrdiff_t>(row) * y, row,
                static_cast<unsigned char *>(image->GetScalarPointer(0, picture.size.height - 1 - y, 0)));
  vtkNew<vtkPNGWriter> writer;
  writer->WriteToMemoryOn();
  writer->SetInputData(image);
  writer->Write();
  auto * bytes = writer->GetResult();
  Require(bytes && bytes->GetNumberOfValues() > 0, Fault::Internal, "the picture cannot be encoded as PNG");
  return { reinterpret_cast<const char *>(bytes->GetPointer(0)), static_cast<std::size_t>(bytes->GetNumberOfValues()) };
}

void WritePicture(const Picture & picture, const std::filesystem::path & file)
{
  WriteTextFile(file, EncodePng(picture));
}

Color LabelColor(unsigned label)
{
  // Okabe and Ito's eight; each further one was the colour farthest from all before it, in OKLab and for the nearest of normal,
  // protan, deutan and tritan sight (Machado 2009). The twentieth would be nearer to another than any two of the first eight.
  static constexpr std::array<Color, labelColors> palette{ { { 230, 159, 0 },   { 86, 180, 233 },  { 0, 158, 115 },   { 240, 228, 66 },  { 213, 94, 0 },
                                                             { 204, 121, 167 }, { 0, 114, 178 },   { 136, 34, 85 },   { 144, 248, 248 }, { 80, 8, 224 },
                                                             { 152, 104, 248 }, { 168, 216, 160 }, { 176, 0, 0 },     { 152, 80, 120 },  { 200, 248, 176 },
                                                             { 152, 184, 128 }, { 104, 216, 240 }, { 104, 48, 168 },  { 240, 192, 88 } } };
  return palette[(label + palette.size() - 1) % palette.size()];
}

} // namespace serval
