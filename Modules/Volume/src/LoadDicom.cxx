#include "DecodeDicom.h"

#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"

#include <dlfcn.h>

namespace serval
{
namespace
{

namespace fs = std::filesystem;
using Entry = bool (*)(const char *, DecodedPixels &);

// In lib/ beside the folder of the executable; for a Python extension beside its own file; else where the system looks.
Entry LoadEntry()
{
  std::error_code       ignored;
  std::vector<fs::path> places{ fs::read_symlink("/proc/self/exe", ignored).parent_path().parent_path() / "lib" };
  Dl_info               self{};
  if (::dladdr(reinterpret_cast<void *>(&LoadEntry), &self) != 0 && self.dli_fname)
    for (const char * folder : { "", "lib", "../lib" })
      places.push_back(fs::path(self.dli_fname).parent_path() / folder);
  void * handle = nullptr;
  for (const auto & place : places)
    if (!handle && fs::exists(place / SERVAL_DICOM_LIBRARY, ignored))
      handle = ::dlopen((place / SERVAL_DICOM_LIBRARY).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    handle = ::dlopen(SERVAL_DICOM_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  Require(handle != nullptr, Fault::Environment, "cannot load the DICOM library: ", handle ? "" : ::dlerror());
  const auto entry = reinterpret_cast<Entry>(::dlsym(handle, "ServalDecodeDicom"));
  Require(entry != nullptr, Fault::Environment, "'", SERVAL_DICOM_LIBRARY, "' is not Serval's DICOM library");
  return entry;
}

} // namespace

DecodedPixels DecodeDicom(const fs::path & file)
{
  static const Entry entry = LoadEntry();
  DecodedPixels      pixels;
  Require(entry(file.c_str(), pixels), Fault::Input, "the pixels of the DICOM file '", Shown(file),
          "' cannot be decompressed: they are damaged, or compressed in an unknown way");
  return pixels;
}

} // namespace serval
