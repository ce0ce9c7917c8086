#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

struct Color
{
  std::uint8_t r{}, g{}, b{};

  constexpr bool operator==(const Color &) const = default;
};

/// Width and height in pixels.
struct PictureSize
{
  int width = 1500, height = 620;
};

/// An RGB picture, three bytes a pixel, rows from the top.
struct Picture
{
  PictureSize               size;
  std::vector<std::uint8_t> rgb;

  /// Fault::Usage when a side is not within 16..16384 pixels.
  Picture(PictureSize size, Color background);
  Color At(int x, int y) const;
  void  Set(int x, int y, Color color);
};

/// Pictures of one size side by side, row by row, `gap` pixels apart. Fault::Input for none or for other sizes.
Picture Tiled(const std::vector<Picture> & pictures, int columns, int gap = 4);

/// The bytes of a PNG file; equal pictures give equal bytes.
std::string EncodePng(const Picture & picture);

/// Written whole or not at all.
void WritePicture(const Picture & picture, const std::filesystem::path & file);

/// So many colours are told apart, also by colour-blind readers.
inline constexpr unsigned labelColors = 19;
/// Colour of a label (1, 2, ...) or of curve number `label`; the first eight are those of Okabe and Ito (2008). They repeat
/// after the last one.
Color LabelColor(unsigned label);

} // namespace serval
