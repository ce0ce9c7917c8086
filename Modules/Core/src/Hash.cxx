#include "serval/Core/Hash.h"

#include "serval/Core/Error.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <xxhash.h>

#include <array>
#include <fstream>
#include <memory>
#include <vector>

namespace serval
{
namespace
{

std::string Hexadecimal(std::span<const unsigned char> bytes)
{
  constexpr std::string_view digits = "0123456789abcdef";
  std::string                text;
  for (const unsigned char byte : bytes)
    text.append({ digits[byte >> 4], digits[byte & 15] });
  return text;
}

class Sha256Digest
{
public:
  Sha256Digest()
    : m_Context(EVP_MD_CTX_new(), EVP_MD_CTX_free)
  {
    Require(m_Context && EVP_DigestInit_ex(m_Context.get(), EVP_sha256(), nullptr) == 1,
            Fault::Environment, "OpenSSL offers no SHA-256");
  }
  void Add(const char * data, std::size_t size) { EVP_DigestUpdate(m_Context.get(), data, size); }
  std::string Finish()
  {
    std::array<unsigned char, 32> digest{};
    EVP_DigestFinal_ex(m_Context.get(), digest.data(), nullptr);
    return Hexadecimal(digest);
  }

private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX *)> m_Context;
};

} // namespace

std::uint64_t FastHash(std::span<const std::byte> bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

std::string ContentHash(std::span<const std::byte> bytes)
{
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
  return Hexadecimal(canonical.digest);
}

std::string Sha256(std::string_view text)
{
  Sha256Digest digest;
  digest.Add(text.data(), text.size());
  return digest.Finish();
}

std::string Sha256OfFile(const std::filesystem::path & file)
{
  std::ifstream stream(file, std::ios::binary);
  Require(stream.good(), Fault::Input, "cannot read '", file.string(), "'");
  Sha256Digest      digest;
  std::vector<char> buffer(1 << 20);
  while (stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || stream.gcount() > 0)
    digest.Add(buffer.data(), static_cast<std::size_t>(stream.gcount()));
  return digest.Finish();
}

std::string KeyedHash(std::string_view key, std::string_view text)
{
  std::array<unsigned char, 32> digest{};
  const auto * data = reinterpret_cast<const unsigned char *>(text.data());
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data, text.size(), digest.data(), nullptr);
  return Hexadecimal(digest);
}

} // namespace serval
