#!/usr/bin/env bash
# report-in-browser.sh PAGE | --make ServalReportTest: opens a report in headless Chromium. Fails when the page is over 20 MB,
# says anything on the console, asks for anything outside itself, or does not sort and filter. 77: there is no Chromium.
set -euo pipefail
browser="$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)"
if [ -z "$browser" ]; then
  echo "skipped: there is no Chromium here (Debian: apt-get install chromium)"
  exit 77
fi
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
page="$scratch/report.html"
if [ "$1" = --make ]; then
  SERVAL_REPORT_PAGE="$page" "$2" --gtest_filter=Report.KeepsAPageForTheBrowser >/dev/null
else
  cp "$1" "$page"
fi
size="$(stat -c %s "$page")"
[ "$size" -le 20000000 ] || { echo "the page has $size bytes; at most 20000000 are allowed"; exit 1; }

# The page's own controls are used by a script after its last one; what it finds stands in the title.
cat >"$scratch/probe.js" <<'PROBE'
<script>
const problems = [];
const field = document.querySelector('.filter input');
if (field) {
  const rows = [...field.closest('.table').querySelectorAll('tbody tr')];
  field.value = 'no such words'; field.dispatchEvent(new Event('input'));
  if (rows.some((row) => !row.hidden)) problems.push('filter');
  field.value = ''; field.dispatchEvent(new Event('input'));
  if (rows.some((row) => row.hidden)) problems.push('unfilter');
}
for (const button of document.querySelectorAll('th button')) button.click();
if (document.querySelectorAll('[aria-sort]').length !== document.querySelectorAll('table').length) problems.push('sort');
for (const image of document.images) if (!image.complete || image.naturalWidth === 0) problems.push('image ' + image.alt);
for (const image of document.images) if (!image.alt) problems.push('alt');
document.title = problems.length ? 'PROBLEMS ' + problems.join(', ') : 'PROBED';
</script>
PROBE
sed "/<\/body>/{
r $scratch/probe.js
}" "$page" >"$scratch/probed.html"
timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
  --disable-component-update --disable-sync --disable-extensions --user-data-dir="$scratch/profile" --virtual-time-budget=3000 --enable-logging=stderr \
  --log-net-log="$scratch/net.json" --host-resolver-rules='MAP * ~NOTFOUND' --dump-dom "file://$scratch/probed.html" >"$scratch/dom.html" 2>"$scratch/log.txt" || {
  echo "Chromium could not open the page"; tail -5 "$scratch/log.txt"; exit 1; }
if grep -F 'CONSOLE' "$scratch/log.txt"; then
  echo "the page speaks on the console"
  exit 1
fi
if ! grep -qF '<title>PROBED</title>' "$scratch/dom.html"; then
  grep -oE '<title>[^<]*</title>' "$scratch/dom.html" || true
  echo "the page's tables do not sort and filter, or a picture does not show"
  exit 1
fi
# The browser's own services are none of the page's requests: those come with the page as initiator.
if grep -oE '"url":"(https?|wss?|ftp):[^"]*"' "$scratch/net.json" | grep -vE 'google(apis)?\.com|gvt1\.com'; then
  echo "a request left the page"
  exit 1
fi
echo "ok: $size bytes, no word on the console, no request"
