#include "EmbeddingPlot.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Text.h"

namespace serval
{
namespace
{

struct PlotResults final : app::Application
{
  std::filesystem::path    table, output;
  PlotWords                words;
  std::string              kind = "curves", theme = "light";
  std::vector<std::string> names, layers;
  std::vector<int>         size;
  bool                     logarithmic = false;
  double                   baseline = 0, criticalDifference = 0, prevalence = 0;
  int                      digits = 3;

  app::Description Describe() const override
  {
    return { "ServalPlotResults", "plot", "Plot results", "Serval.Visualization",
             "Draws a table of results as a PNG or SVG picture: curves with intervals (name,x,y[,low,high]), ROC, precision-recall and "
             "calibration (the curves of evaluate-predictions, with a column name for several models), matrices (row,column,value), forest "
             "plots (name,value,low,high[,note]), scatter plots (name,x,y[,low,high][,group]), critical differences (name,rank), and the "
             "patches of a features file on the plane of largest variance (embedding)." };
  }

  void Declare(app::Parameters & p) override
  {
    p.Add("table", &table, "Table with the columns of its kind; of an embedding: features as extract-features writes them").In("file", ".csv,.h5").Positional(0);
    p.Add("output", &output, "Picture; .png or .svg").Out("file", ".png").Positional(1);
    p.Add("kind", &kind, "What is drawn")
      .Choices({ "curves", "roc", "precision-recall", "reliability", "matrix", "differences", "forest", "scatter", "critical-difference", "embedding" });
    p.Group("Look");
    p.Add("theme", &theme, "Dark on light, or light on dark").Choices({ "light", "dark" });
    p.Add("title", &words.title, "Title above the picture");
    p.Add("xTitle", &words.x, "Below the x axis; of a matrix: above its columns");
    p.Add("yTitle", &words.y, "Beside the y axis; of a matrix: beside its rows");
    p.Add("note", &words.note, "A second line, such as the test or the rank correlation");
    p.Add("size", &size, "Width and height in pixels; of the kinds whose height follows from the rows only the width holds").Range(240, 8192);
    p.Add("names", &names, "Curves whose x are places 0, 1, ... that have these names");
    p.Add("logarithmic", &logarithmic, "Logarithmic x axis");
    p.Add("layer", &layers, "Of an embedding: the layer whose features are shown, or several side by side; may be left out where there is one");
    p.Group("Numbers");
    p.Add("baseline", &baseline, "What differences of a forest plot are held against");
    p.Add("criticalDifference", &criticalDifference, "Of mean ranks, as compare-models prints it");
    p.Add("prevalence", &prevalence, "Of the class of a precision-recall curve").Range(0, 1);
    p.Add("digits", &digits, "After the dot, of a matrix or a forest plot").Range(0, 9);
  }

  void Run(app::Context & context) override
  {
    Require(size.empty() || size.size() == 2, Fault::Usage, "--size has ", size.size(), " numbers; two, width,height, are expected");
    Require(output.extension() == ".png" || output.extension() == ".svg", Fault::Usage, "the output '", output.filename().string(), "' must end with .png or .svg");
    if (kind == "embedding")
      return WriteDrawing(DrawScatter(Dressed(EmbeddingPlotOf(table, { layers }, words))), output);
    const Table read = Table::Read(table);
    Require(read.Rows() > 0, Fault::Input, "the table ", read.Origin(), " has no rows");
    context.progress.Report(0.3, "Drawing");
    WriteDrawing(Draw(read), output);
  }

private:
  template <typename TPlot>
  TPlot Dressed(TPlot plot) const
  {
    plot.title = words.title;
    plot.theme = theme == "dark" ? Theme::Dark : Theme::Light;
    if constexpr (requires { plot.size; })
      plot.size = size.empty() ? plot.size : PictureSize{ size[0], size[1] };
    else
      plot.width = size.empty() ? plot.width : size[0];
    return plot;
  }

  Drawing Draw(const Table & read) const
  {
    if (kind == "roc")
      return DrawRoc(Dressed(UnitPlotOf(read, kind)));
    if (kind == "precision-recall")
      return DrawPrecisionRecall(Dressed(UnitPlotOf(read, kind)), { prevalence });
    if (kind == "reliability")
      return DrawReliability(Dressed(ReliabilityPlotOf(read, words)));
    if (kind == "matrix" || kind == "differences")
      return DrawMatrix(Dressed(MatrixPlotOf(read, words, digits, kind == "differences")));
    if (kind == "forest")
      return DrawForest(Dressed(ForestPlotOf(read, words, digits, baseline)));
    if (kind == "scatter")
      return DrawScatter(Dressed(ScatterPlotOf(read, words)));
    if (kind == "critical-difference")
      return DrawCriticalDifference(Dressed(RankPlotOf(read, words, criticalDifference)));
    return DrawCurves(Dressed(CurvePlotOf(read, words, names, logarithmic)));
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::PlotResults>(argc, argv); }
