#include "Sections.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

namespace serval
{
namespace
{

/// Shows volume and label map of each canvas when its button is pressed, from data of the page alone. The viewer is data
/// too, as a script may hold words that end the script element it stands in.
constexpr const char * volumeScript = R"(
let viewer = null;
const loadViewer = () => viewer ??= new Promise((loaded, failed) => {
  const bytes = Uint8Array.from(atob(document.getElementById('viewer').textContent), (letter) => letter.charCodeAt(0));
  const script = document.createElement('script');
  script.onload = loaded;
  script.onerror = failed;
  script.src = URL.createObjectURL(new Blob([bytes], { type: 'text/javascript' }));
  document.head.append(script);
});
for (const box of document.querySelectorAll('.volume')) {
  box.querySelector('button').addEventListener('click', async (event) => {
    event.target.remove();
    await loadViewer();
    const nv = new niivue.Niivue({ backColor: [0, 0, 0, 1], show3Dcrosshair: true, logLevel: 'error' });
    await nv.attachToCanvas(box.querySelector('canvas'));
    for (const part of box.querySelectorAll('script[type="text/plain"]')) {
      const isLabels = part.dataset.part === 'labels';
      nv.addVolume(await niivue.NVImage.loadFromBase64({ base64: part.textContent, name: part.dataset.name, colormap: isLabels ? 'actc' : 'gray', opacity: isLabels ? 0.5 : 1 }));
    }
    nv.setSliceType(nv.sliceTypeMultiplanar);
  });
}
)";

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
  return "<figure class=\"volume\"><button type=\"button\">Show this volume</button><div class=\"canvas\"><canvas aria-label=\"" + EscapeXml(one.caption) + "\"></canvas></div>" + Part(volume, "volume", one.volume) +
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
  const auto viewer = Base64(page.input.viewer);
  if (!page.budget.Take(viewer.size(), "the viewer of volumes"))
    return {};
  std::string html;
  for (const auto & one : page.input.volumes)
    html += OneVolume(page, one);
  return heading + html + "<script type=\"text/plain\" id=\"viewer\">" + viewer + "</script>\n<script>" + volumeScript + "</script>\n";
}

} // namespace serval
