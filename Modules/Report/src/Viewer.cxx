#include "Sections.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

namespace serval
{
namespace
{

/// Shows volume and label map of each canvas when its button is pressed, from data of the page alone.
constexpr const char * volumeScript = R"(
for (const box of document.querySelectorAll('.volume')) {
  box.querySelector('button').addEventListener('click', async (event) => {
    event.target.remove();
    const nv = new niivue.Niivue({ backColor: [0, 0, 0, 1], show3Dcrosshair: true });
    await nv.attachToCanvas(box.querySelector('canvas'));
    for (const part of box.querySelectorAll('script[type="text/plain"]')) {
      const isLabels = part.dataset.part === 'labels';
      nv.addVolume(await niivue.NVImage.loadFromBase64({ base64: part.textContent, name: part.dataset.name, colormap: isLabels ? 'actc' : 'gray', opacity: isLabels ? 0.5 : 1 }));
    }
    nv.setSliceType(nv.sliceTypeMultiplanar);
  });
}
)";

/// `</script>` inside a script would end it.
std::string Inline(std::string script)
{
  for (std::size_t at = 0; (at = script.find("</script", at)) != script.npos; at += 9)
    script.replace(at, 2, "<\\/");
  return script;
}

/// The file's own name would tell the case.
std::string Part(const std::string & data, const std::string & part, const std::filesystem::path & file)
{
  return Concat("<script type=\"text/plain\" data-part=\"", part, "\" data-name=\"", part, file.extension() == ".gz" ? ".nii.gz" : ".nii", "\">", data, "</script>");
}

std::string OneVolume(Page & page, const ReportVolume & one)
{
  const auto volume = Base64(ReadTextFile(one.volume));
  const auto labels = one.labels.empty() ? std::string() : Base64(ReadTextFile(one.labels));
  if (!page.budget.Take(volume.size() + labels.size(), "a volume: " + one.caption))
    return {};
  return "<figure class=\"volume\"><button type=\"button\">Show this volume</button><canvas aria-label=\"" + EscapeXml(one.caption) + "\"></canvas>" + Part(volume, "volume", one.volume) +
         (labels.empty() ? labels : Part(labels, "labels", one.labels)) + "<figcaption>" + EscapeXml(one.caption) + "</figcaption></figure>\n";
}

} // namespace

std::string VolumeSection(Page & page)
{
  if (page.input.volumes.empty())
    return {};
  const std::string heading = Heading("volumes", "Volumes") + "<section class=\"warnings\" role=\"note\">" + Paragraph("A volume of a head shows a face. This page holds whole volumes: give it on only to those who may see them.") + "</section>\n";
  if (page.input.viewer.empty())
    return Heading("volumes", "Volumes") + Paragraph("Volumes were asked for, but the viewer is not set up; Utilities/setup-viewer.sh fetches it. No volume is embedded.");
  if (!page.budget.Take(page.input.viewer.size(), "the viewer of volumes"))
    return {};
  std::string html;
  for (const auto & one : page.input.volumes)
    html += OneVolume(page, one);
  return heading + html + "<script>" + Inline(page.input.viewer) + "</script>\n<script>" + volumeScript + "</script>\n";
}

} // namespace serval
