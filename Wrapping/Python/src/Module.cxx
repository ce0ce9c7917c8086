// The extension module serval._serval; its doors for people are the Python files beside it.
#include "Bindings.h"

#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Provenance.h"

#include <filesystem>

namespace serval::python
{
namespace
{

const char * ClassOf(Fault kind)
{
  switch (kind)
  {
    case Fault::Usage: return "UsageError";
    case Fault::Input: return "InputError";
    case Fault::Environment: return "EnvironmentFault";
    case Fault::Excluded: return "ExcludedError";
    case Fault::Internal: break;
  }
  return "InternalError";
}

void Translate(const std::exception_ptr & pointer, void *)
{
  try
  {
    std::rethrow_exception(pointer);
  }
  catch (const Error & e)
  {
    PyErr_SetString(nb::module_::import_("serval._errors").attr(ClassOf(e.Kind())).ptr(), e.what());
  }
  catch (const std::filesystem::filesystem_error & e)
  {
    PyErr_SetString(nb::module_::import_("serval._errors").attr(ClassOf(Fault::Environment)).ptr(), e.code().message().c_str());
  }
}

} // namespace

Geometry GeometryOf(const Grid & grid)
{
  const auto & [extent, spacing, origin, direction] = grid;
  return { { extent[0], extent[1], extent[2] }, { spacing[0], spacing[1], spacing[2] }, origin, direction };
}

Grid GridOf(const Geometry & g)
{
  return { { g.extent.x, g.extent.y, g.extent.z }, { g.spacing.x, g.spacing.y, g.spacing.z }, g.origin, g.direction };
}

} // namespace serval::python

NB_MODULE(_serval, module)
{
  using namespace serval::python;
  nb::register_exception_translator(Translate);
  module.def("version", &serval::Version, "Version of Serval");
  module.def("show_paths", &serval::ShowWholePaths, "is_whole"_a,
             "Whether messages show whole paths and identifiers; by default they show keyed hashes of them");
  BindPatchCache(module);
  BindPatchCacheWriter(module);
  BindVolume(module);
  BindDicomFolder(module);
}
