#pragma once
// The look of a gallery's picture, for those who draw one.

#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Visualization/PatchGallery.h"

#include <filesystem>
#include <string>

namespace serval
{

struct GalleryOptions
{
  std::string theme = "light", title = {};
  int         across = 6, width = 900;

  /// `what` stands side by side.
  void Declare(app::Parameters & p, const std::string & what)
  {
    p.Group("Look");
    p.Add("across", &across, what + " side by side").Range(1, 100);
    p.Add("size", &width, "Width of the picture in pixels; the height follows").Range(320, 8192);
    p.Add("theme", &theme, "Dark on light, or light on dark").Choices({ "light", "dark" });
    p.Add("title", &title, "Title above the picture");
  }

  /// Without pictures as yet. Fault::Usage for an output that is no PNG.
  PatchGallery Gallery(const std::filesystem::path & output, int plane) const
  {
    Require(output.extension() == ".png", Fault::Usage, "the output '", output.filename().string(), "' must end with .png");
    PatchGallery gallery{ title };
    gallery.plane = plane;
    gallery.across = across;
    gallery.width = width;
    gallery.theme = theme == "dark" ? Theme::Dark : Theme::Light;
    return gallery;
  }
};

} // namespace serval
