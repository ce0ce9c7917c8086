#include "Style.h"

namespace serval
{

const char * const styleSheet = R"(
:root { color-scheme: light dark; --text: #1b1f24; --quiet: #57606a; --page: #fff; --card: #f6f8fa; --line: #d0d7de; --link: #0550ae; --note: #fff8c5; --noteLine: #9a6700; --bad: #a40e26; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --quiet: #9da7b3; --page: #14181d; --card: #1f252c; --line: #3d444d; --link: #79c0ff; --note: #33290a; --noteLine: #d29922; --bad: #ff9492; }
}
* { box-sizing: border-box; }
body { font: 16px/1.55 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; color: var(--text); background: var(--page); max-width: 68rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; overflow-wrap: break-word; }
h1 { font-size: 1.8rem; line-height: 1.25; margin: .5rem 0; }
h2 { font-size: 1.35rem; margin: 2.8rem 0 .8rem; border-bottom: 1px solid var(--line); padding-bottom: .2rem; }
h3 { font-size: 1.1rem; margin: 1.8rem 0 .5rem; }
a { color: var(--link); }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; padding: 0; margin: 1rem 0; font-size: .95rem; }
.question { font-size: 1.15rem; color: var(--quiet); }
.verdict { background: var(--card); border-left: 4px solid var(--link); border-radius: 4px; padding: .8rem 1.1rem; font-size: 1.1rem; }
.warnings { background: var(--note); border-left: 4px solid var(--noteLine); border-radius: 4px; padding: .2rem 1.1rem; margin: 1rem 0; }
.warnings ul { padding-left: 1.2rem; }
.quiet { color: var(--quiet); }
.wrong { white-space: nowrap; color: var(--bad); font-weight: 600; }
.scroll { overflow-x: auto; max-height: 80vh; overflow-y: auto; }
table { border-collapse: collapse; font-size: .92rem; min-width: 50%; }
caption { caption-side: top; text-align: left; color: var(--quiet); padding: .3rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .7rem; text-align: left; vertical-align: top; }
thead th { position: sticky; top: 0; background: var(--card); vertical-align: bottom; padding: 0; }
th button { font: inherit; font-weight: 600; color: inherit; background: none; border: 0; padding: .4rem .7rem; cursor: pointer; text-align: left; width: 100%; }
th.number button { text-align: right; }
.verdict p { margin: .2rem 0; }
th[aria-sort=ascending] button::after { content: " ▲"; } th[aria-sort=descending] button::after { content: " ▼"; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td img { display: block; width: 17rem; max-width: none; margin-bottom: .3rem; }
h4 { font-size: 1rem; margin: 1.2rem 0 .2rem; }
.cells { display: flex; flex-wrap: wrap; gap: .9rem .8rem; margin: .6rem 0 1.4rem; } .cells figure { width: 7.6rem; margin: 0; overflow-wrap: anywhere; font-size: .85rem; line-height: 1.3; }
.cells img { display: block; width: 100%; margin: .2rem 0; } .cells strong { display: flex; align-items: flex-end; min-height: 2.6em; line-height: 1.3; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0 1.2rem; align-items: start; } .cells figcaption { font-size: inherit; color: inherit; }
.table { margin: 1rem 0 1.6rem; } .download, .filter { font-size: .9rem; } .filter input { font: inherit; width: 15rem; max-width: 100%; padding: .2rem .4rem; }
img { max-width: 100%; height: auto; } figure { margin: 1.4rem 0; } figcaption { color: var(--quiet); font-size: .92rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.volume .canvas { height: 26rem; background: #000; }
@media (max-width: 40rem) { figure > picture { display: block; overflow-x: auto; } figure > picture img { width: 34rem; max-width: none; } .plots picture img { width: 26rem; } .cells figure { width: calc((100% - 1.6rem) / 3); } td img { width: 14rem; } h1 { font-size: 1.4rem; } }
@media print {
  body { max-width: none; font-size: 10pt; padding: 0; } nav, .filter, .download, .volume { display: none; }
  .scroll { overflow: visible; max-height: none; } table { font-size: 7.5pt; min-width: 0; } thead th { position: static; white-space: normal; } th, td, th button { padding: .15rem .25rem; }
  td.number { white-space: normal; } td img { width: 7rem; } tr, figure { break-inside: avoid; } figure img { max-height: 15cm; } .plots { display: block; } .plots img { max-height: 10.5cm; } h2 + p, h3 + p, h4 + p { break-after: avoid; } table:not(:has(tr:nth-child(16), img)) { break-inside: avoid; } thead { display: table-row-group; } .cells figure { width: 2.1cm; font-size: 7pt; } .cells { gap: .3cm; } h2, h3, h4, caption { break-after: avoid; }
  .filter ~ .scroll tbody tr:nth-child(n+41) { display: none; }
}
)";

const char * const tableScript = R"(
'use strict';
const valueOf = (row, at) => row.cells[at].textContent.trim();
const compare = (a, b) => {
  const x = parseFloat(a.replace('<', '')), y = parseFloat(b.replace('<', ''));
  if (isNaN(x) !== isNaN(y)) return isNaN(x) ? 1 : -1;
  return isNaN(x) ? a.localeCompare(b) : x - y;
};
for (const table of document.querySelectorAll('table')) {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  heads.forEach((head, at) => head.firstChild.addEventListener('click', () => {
    const rises = head.getAttribute('aria-sort') !== 'ascending';
    heads.forEach((other) => other.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', rises ? 'ascending' : 'descending');
    const rows = [...body.rows].sort((a, b) => (rises ? 1 : -1) * compare(valueOf(a, at), valueOf(b, at)));
    body.append(...rows);
  }));
}
for (const field of document.querySelectorAll('.filter input')) {
  const rows = field.closest('.table').querySelector('tbody').rows;
  field.addEventListener('input', () => {
    const words = field.value.toLowerCase().split(/\s+/);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  });
}
)";

} // namespace serval
