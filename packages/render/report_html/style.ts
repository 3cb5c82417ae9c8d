/** Contrast of every text on its ground is 4.5 or more in either scheme. */
const LIGHT =
  `--page:#f3f5f8;--card:#ffffff;--ink:#1b2430;--soft:#4d5a6b;--line:#d3dae3;--bar:#2f6fb5;--asn:#1d5fa8;--geo:#b4540a;
--bad:#b3261e;--warn:#b4540a;--good:#2c7a3f;--calm:#7b8a9c;
--map0:#e2e7ee;--map1:#bcd4ee;--map2:#8bb5e0;--map3:#5a92cd;--map4:#2f6fb5;--map5:#164a85;`;
const DARK =
  `--page:#12171e;--card:#1b222c;--ink:#e8edf3;--soft:#b0bccb;--line:#39444f;--bar:#6aa9ea;--asn:#7db6f2;--geo:#f0a35e;
--bad:#f28b82;--warn:#f0a35e;--good:#7fce92;--calm:#8b99aa;
--map0:#2b3541;--map1:#274665;--map2:#2f6193;--map3:#3d80bf;--map4:#66a5e4;--map5:#b3d7fb;`;

/** The page's style: light or dark as the reader's system is, light on paper. */
export const STYLE = `
:root{color-scheme:light dark;${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
@media print{:root{color-scheme:light;${LIGHT}--page:#ffffff;}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1100px;margin:0 auto;padding:24px 16px}
h1{font-size:26px;line-height:1.25;margin:0 0 4px}
h2{font-size:17px;margin:0 0 12px}
p{margin:0 0 6px;color:var(--soft)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:18px 0 0;padding:0}
.tiles div,section{background:var(--card);border:1px solid var(--line);border-radius:10px}
.tiles div{padding:12px 14px}
dt{color:var(--soft);font-size:14px}
dd{margin:0}
dd b{font-size:24px;display:block}
.grid{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));grid-auto-flow:dense;gap:16px;margin-top:16px}
section{padding:16px;min-width:0}
.wide{grid-column:1/-1}
figure{margin:0 0 12px}
svg{display:block;width:100%;height:auto}
svg text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
figcaption ul{display:flex;flex-wrap:wrap;gap:4px 16px;list-style:none;margin:8px 0 0;padding:0;color:var(--soft);font-size:14px}
figcaption i{display:inline-block;width:14px;height:14px;border-radius:3px;margin-right:6px;vertical-align:-2px;border:1px solid var(--line)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th,td{padding:5px 8px;text-align:right;white-space:nowrap;border-top:1px solid var(--line);vertical-align:top}
th:first-child,td:first-child,.text{text-align:left}
thead th{border-top:0;color:var(--soft);font-weight:600}
tbody th{font-weight:400;white-space:normal;min-width:7em}
.text{white-space:normal;overflow-wrap:anywhere;min-width:8em}
footer{margin-top:18px;font-size:14px}
@media (max-width:960px){.grid{grid-template-columns:minmax(0,1fr)}}
@media (max-width:760px){h1{font-size:22px}main{padding:16px 10px}section{padding:12px}}
@media print{body{font-size:12px}main{max-width:none;padding:0}section,.tiles div{break-inside:avoid}.scroll{overflow:visible}}
`.trim();
