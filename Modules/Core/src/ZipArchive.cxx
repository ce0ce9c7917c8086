#include "serval/Core/ZipArchive.h"

#include "serval/Core/Error.h"

#include <zip.h>

namespace serval
{
namespace
{

constexpr zip_uint64_t maximumEntry = 1ULL << 36;

struct CloseEntry
{
  void operator()(zip_file_t * entry) const { zip_fclose(entry); }
};

zip_t * OpenBytes(std::string_view bytes)
{
  auto * source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, nullptr);
  auto * archive = source ? zip_open_from_source(source, ZIP_RDONLY, nullptr) : nullptr;
  if (source && !archive)
    zip_source_free(source);
  return archive;
}

} // namespace

struct ZipArchive::Impl
{
  explicit Impl(zip_t * opened)
    : archive(opened)
  {}
  Impl(const Impl &) = delete;
  Impl & operator=(const Impl &) = delete;
  ~Impl() { zip_discard(archive); }

  zip_t * archive;
};

ZipArchive::ZipArchive(const std::filesystem::path & file)
  : m_Origin("'" + file.string() + "'")
{
  auto * archive = zip_open(file.c_str(), ZIP_RDONLY, nullptr);
  Require(archive != nullptr, Fault::Input, m_Origin, " is a truncated or damaged zip archive");
  m_Impl = std::make_shared<Impl>(archive);
}

ZipArchive::ZipArchive(std::string_view bytes, std::string origin)
  : m_Origin(std::move(origin))
{
  auto * archive = OpenBytes(bytes);
  Require(archive != nullptr, Fault::Input, m_Origin, " is a truncated or damaged zip archive");
  m_Impl = std::make_shared<Impl>(archive);
}

std::vector<std::string> ZipArchive::Names() const
{
  std::vector<std::string> names;
  const auto               count = zip_get_num_entries(m_Impl->archive, 0);
  for (zip_int64_t i = 0; i < count; ++i)
    names.emplace_back(zip_get_name(m_Impl->archive, static_cast<zip_uint64_t>(i), 0));
  return names;
}

bool ZipArchive::Has(const std::string & name) const { return zip_name_locate(m_Impl->archive, name.c_str(), 0) >= 0; }

std::vector<std::byte> ZipArchive::Read(const std::string & name) const
{
  zip_stat_t information;
  const bool found = zip_stat(m_Impl->archive, name.c_str(), 0, &information) == 0;
  Require(found && information.size <= maximumEntry, Fault::Input, m_Origin, " has no entry '", name, "'");
  const std::unique_ptr<zip_file_t, CloseEntry> entry(zip_fopen(m_Impl->archive, name.c_str(), 0));
  std::vector<std::byte>                        bytes(information.size);
  Require(entry && zip_fread(entry.get(), bytes.data(), bytes.size()) == static_cast<zip_int64_t>(bytes.size()), Fault::Input, "the entry '", name, "' of ",
          m_Origin, " is damaged");
  return bytes;
}

} // namespace serval
