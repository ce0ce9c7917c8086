#pragma once

#include "Frame.h"

namespace serval
{

/// Which name belongs to which look: in rows below a plot, or in a column to its right.
class SeriesKey
{
public:
  struct Entry
  {
    std::string name;
    SeriesLook  look;
    bool        line = true, marker = true;
  };
  /// Below where the names are few and short, else to the right; nothing for one name that is empty.
  SeriesKey(const Sheet & sheet, std::vector<Entry> entries);

  Frame::Margins Room() const { return { m_Column ? m_Width + 1.5 * m_Font : 0, m_Column ? 0 : m_Rows * 1.5 * m_Font }; }
  /// `ends`: where each series ends in the frame, so that the names of a column stand near; not numbers where it does not
  /// reach the right end. Fault::Usage where a column is too short for its names.
  void Draw(Sheet & sheet, const Frame & frame, const std::vector<Place> & ends) const;
  /// How far down it reaches when drawn below the frame.
  double Foot(const Frame & frame) const { return frame.Foot() + (m_Column ? 0 : m_Rows * 1.5 * m_Font) + 0.3 * m_Font; }

private:
  void DrawSample(Sheet & sheet, Place left, const Entry & entry) const;
  void DrawRows(Sheet & sheet, const Frame & frame) const;
  void DrawColumn(Sheet & sheet, const Frame & frame, const std::vector<Place> & ends) const;

  std::vector<Entry>  m_Entries;
  std::vector<double> m_X; ///< of the entries in rows
  std::vector<int>    m_Row;
  TextStyle           m_Style;
  double              m_Font, m_Width = 0;
  int                 m_Rows = 0;
  bool                m_Column = false;
};

} // namespace serval
