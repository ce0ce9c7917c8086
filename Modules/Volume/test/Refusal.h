#pragma once

#include "serval/Core/Error.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace serval::support
{

/// What the error says with which `act` ends; a failure when it ends without one or with another kind.
inline std::string ErrorText(const std::function<void()> & act, Fault kind)
{
  try
  {
    act();
  }
  catch (const Error & e)
  {
    EXPECT_EQ(e.Kind(), kind) << e.what();
    return e.what();
  }
  ADD_FAILURE() << "nothing was refused";
  return {};
}

inline void ExpectHas(const std::string & text, const std::string & part)
{
  EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in: " << text;
}

} // namespace serval::support
