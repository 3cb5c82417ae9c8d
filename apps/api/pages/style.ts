/** Contrast of every text on its ground is 4.5 or more in either scheme, that of shapes 3 or more. */
const LIGHT =
  `--page:#f2f4f7;--card:#fff;--ink:#17202b;--soft:#505d6d;--line:#d5dce4;--edge:#7b8897;--focus:#0b57d0;--link:#1657a6;
--accent:#1d5fa8;--on-accent:#fff;--asn:#1d5fa8;--geo:#b4540a;--rail:#e1e6ec;--code:#edf1f5;
--ok:#23703a;--info:#2b6492;--warning:#9a5200;--critical:#b3261e;--unknown:#6b4a9e;--sign:#fff;
--shade1:#bcd4ee;--shade2:#8bb5e0;--shade3:#5a92cd;--shade4:#2f6fb5;--shade5:#164a85;`;
const DARK =
  `--page:#10151b;--card:#1a212b;--ink:#e6ecf3;--soft:#aab7c6;--line:#303b48;--edge:#7d8b9b;--focus:#8ab8ff;--link:#8fc0f7;
--accent:#8fc0f7;--on-accent:#0e1a28;--asn:#7db6f2;--geo:#f0a35e;--rail:#303b48;--code:#242d39;
--ok:#7ecb91;--info:#86b9e4;--warning:#f2ae5c;--critical:#f38d84;--unknown:#c4a6f0;--sign:#10151b;
--shade1:#274665;--shade2:#2f6193;--shade3:#3d80bf;--shade4:#66a5e4;--shade5:#b3d7fb;`;

const BASE = `
:root{color-scheme:light dark;${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
html{scroll-padding-top:16px}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1,h2,h3,p,ul,ol,dl,dd,figure{margin:0;padding:0}
ul,ol{list-style:none}
h1{font-size:24px;line-height:1.25}
h2{font-size:16px;line-height:1.3;margin-bottom:12px}
h3{font-size:15px;margin:18px 0 10px}
a{color:var(--link)}
.within{max-width:1200px;margin:0 auto;padding:0 20px}
.soft,small{color:var(--soft);font-size:14px}
small{font-weight:400}
.away{color:var(--warning)}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:4px}
main:focus-visible,h2:focus-visible{outline:0}
h2[tabindex]:focus{outline:0}
.skip{position:absolute;left:-999px;top:8px;background:var(--card);color:var(--link);padding:8px 14px;z-index:2}
.skip:focus{left:8px}
`;

const FRAME = `
header{background:var(--card);border-bottom:1px solid var(--line)}
header .within{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:8px 20px;min-height:56px;padding-top:8px;padding-bottom:8px}
.brand{display:flex;align-items:center;gap:10px;font-weight:650;font-size:18px;color:var(--ink);text-decoration:none}
nav,.signed-in{display:flex;align-items:center;gap:14px}
main.within{padding-top:20px;padding-bottom:28px}
footer{border-top:1px solid var(--line);color:var(--soft);font-size:14px}
footer .within{padding-top:16px;padding-bottom:28px;overflow-wrap:anywhere}
footer p{margin-bottom:4px}
.told{position:sticky;top:8px;z-index:1;background:var(--card);border:1px solid var(--line);border-left:4px solid var(--ok);border-radius:8px;padding:10px 14px;margin-bottom:16px}
button,input{font:inherit;color:var(--ink)}
button{background:var(--card);border:1px solid var(--edge);border-radius:7px;padding:5px 14px;min-height:34px;cursor:pointer}
button:hover{border-color:var(--ink)}
#ask,#sign-in{background:var(--accent);border-color:var(--accent);color:var(--on-accent);font-weight:600}
input{background:var(--card);border:1px solid var(--edge);border-radius:7px;padding:6px 12px;min-height:40px;min-width:0;width:100%}
input::placeholder{color:var(--soft);opacity:1}
label{font-weight:600}
.look-up{display:flex;flex-wrap:wrap;align-items:center;gap:8px 14px;margin-bottom:20px}
.look-up div{display:flex;flex:1 1 280px;max-width:520px;gap:8px}
.look-up button{white-space:nowrap;min-height:40px}
.login{max-width:440px;margin:6vh auto 0}
.login form,.login h1{display:grid;gap:10px}
.login h1{margin-bottom:16px}
`;

const PANELS = `
.board{display:grid;grid-template-columns:repeat(6,minmax(0,1fr));gap:16px}
.panel{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:18px 20px;min-width:0;overflow-wrap:anywhere}
.span2{grid-column:span 2}.span3{grid-column:span 3}.span4{grid-column:span 4}.span6{grid-column:1/-1}
.panel p+p{margin-top:4px}
.hero{border-top:5px solid var(--edge)}
.hero.ok{border-top-color:var(--ok)}.hero.info{border-top-color:var(--info)}
.hero.warning{border-top-color:var(--warning)}.hero.critical{border-top-color:var(--critical)}.hero.unknown{border-top-color:var(--unknown)}
.verdict{display:flex;flex-wrap:wrap;align-items:center;gap:6px 14px;font-size:24px;font-weight:650}
.verdict .mark svg{width:26px;height:26px}
.mark{display:inline-flex;align-items:center;gap:6px;font-weight:600;white-space:nowrap;vertical-align:middle}
.mark+*,.verdict .mark span{vertical-align:middle}
.mark svg{flex:none}
.mark .body{fill:currentColor}
.mark .sign{fill:none;stroke:var(--sign);stroke-width:1.9;stroke-linecap:round;stroke-linejoin:round}
.mark.ok{color:var(--ok)}.mark.info{color:var(--info)}.mark.warning{color:var(--warning)}.mark.critical{color:var(--critical)}.mark.unknown{color:var(--unknown)}
.findings{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:0 28px;margin-bottom:12px}
.findings li{padding:10px 0;border-top:1px solid var(--line)}
.fix{display:flex;flex-wrap:wrap;align-items:center;gap:8px;color:var(--soft);font-size:14px}
code{font:13.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;background:var(--code);color:var(--ink);border-radius:6px;padding:4px 9px}
.copy{min-height:28px;padding:1px 10px;font-size:13px}
summary{cursor:pointer;color:var(--link);font-size:14px;padding:4px 0;width:fit-content}
details{margin-top:8px}
.figures{display:grid;grid-template-columns:repeat(5,minmax(0,1fr));gap:16px}
.figures div{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:14px 18px}
dt{color:var(--soft);font-size:14px}
.figures b{display:block;white-space:nowrap;font-size:27px;line-height:1.25;font-weight:650;font-variant-numeric:tabular-nums}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:14px 20px;margin-bottom:10px}
.cards p:first-child{display:flex;flex-wrap:wrap;justify-content:space-between;gap:4px 10px}
.large{font-size:27px;line-height:1.25;font-weight:650}
.quota{display:grid;grid-template-columns:170px minmax(0,1fr);gap:8px 22px;align-items:center}
.counts div{display:flex;justify-content:space-between;align-items:baseline;gap:12px;padding:8px 0;border-top:1px solid var(--line)}
.counts div:first-child{border-top:0;padding-top:0}
.counts dd{font-size:19px;font-weight:650;font-variant-numeric:tabular-nums;white-space:nowrap}
.counts+p{margin-top:8px}
.ranks li{padding:5px 0}
.ranks p{display:flex;justify-content:space-between;gap:12px;font-size:14px}
.ranks .number{white-space:nowrap}
.ranks+p{margin-top:8px}
.scroll{overflow-x:auto;margin:0 -4px;padding:0 4px;background:linear-gradient(to right,var(--card) 40%,transparent) 0 0/48px 100% no-repeat local,linear-gradient(to left,var(--card) 40%,transparent) 100% 0/48px 100% no-repeat local,linear-gradient(to right,var(--edge),transparent) 0 0/12px 100% no-repeat scroll,linear-gradient(to left,var(--edge),transparent) 100% 0/12px 100% no-repeat scroll}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:7px 14px 7px 0;border-top:1px solid var(--line);white-space:nowrap;overflow-wrap:normal}
thead th{border-top:0;color:var(--soft);font-weight:600;padding-top:0}
tbody th{font-weight:600}
.number{text-align:right}
.wrap{white-space:normal;overflow-wrap:anywhere;display:inline-block;min-width:15em}
.run{display:inline-block}
td .run{margin:-3px 0}
.fix{margin-top:5px}
.scroll+p{margin-top:10px}
.run button{padding:1px 12px;min-height:28px}
p+.run{margin-top:10px}
`;

const DRAWINGS = `
.bar{display:block;width:100%;height:5px;border-radius:3px;margin-top:3px}
.rail{fill:var(--rail)}.bar .value{fill:var(--asn)}
.gauge{display:block;width:100%;max-width:200px}
.gauge path{fill:none;stroke-width:14}
.gauge .rail{stroke:var(--rail)}.gauge .value{stroke:currentColor}
.gauge.ok{color:var(--ok)}.gauge.warning{color:var(--warning)}.gauge.critical{color:var(--critical)}
.gauge text{fill:var(--ink);font-size:22px;font-weight:650}
.trend{display:block;width:100%;height:auto}
.trend text{fill:var(--soft);font-size:12px}
.grid{stroke:var(--line)}
path.asn,path.geo{fill:none;stroke-width:2.5;stroke-linejoin:round;stroke-linecap:round}
path.asn{stroke:var(--asn)}path.geo{stroke:var(--geo);stroke-dasharray:6 5}
.end.asn{fill:var(--asn)}.end.geo{fill:var(--geo)}
.legend{display:flex;flex-wrap:wrap;gap:2px 18px;color:var(--soft);font-size:14px;margin-top:8px}
.legend li{display:flex;align-items:center;gap:7px}
.legend svg{width:24px;height:14px;flex:none}
.shade1{fill:var(--shade1)}.shade2{fill:var(--shade2)}.shade3{fill:var(--shade3)}.shade4{fill:var(--shade4)}.shade5{fill:var(--shade5)}
.world{display:block;width:100%;height:auto}
`;

const ANSWER = `
.answer{margin-bottom:20px;border-top:5px solid var(--accent)}
.answer h2{font-size:24px;font-variant-numeric:tabular-nums}
.facts{display:flex;flex-wrap:wrap;gap:6px 28px}
.facts dd{font-weight:600}
.facts.lead dd{font-size:17px}
.answer>p{margin-top:14px}
.timeline{border-left:2px solid var(--line);margin-left:7px}
.timeline li{position:relative;padding:0 0 16px 22px}
.timeline li::before{content:"";position:absolute;left:-6px;top:6px;width:10px;height:10px;border-radius:50%;background:var(--edge)}
.timeline li.hit::before{background:var(--ok)}.timeline li.failed::before{background:var(--critical)}.timeline li.miss::before{background:var(--info)}
.timeline .facts{margin-top:4px;font-size:14px}
[aria-busy=true]{opacity:.6}
`;

const NARROW = `
@media (max-width:1000px){.span2,.span3,.span4{grid-column:span 3}#trend,#countries{grid-column:1/-1}#stale,#asns{grid-column:1/-1}.figures{gap:10px}.figures div{padding:12px}.figures b{font-size:23px}}
@media (max-width:720px){
.board{grid-template-columns:minmax(0,1fr);gap:12px}
.span2,.span3,.span4,.span6,#trend,#countries,#stale,#asns{grid-column:1}
.within{padding-left:12px;padding-right:12px}
.panel{padding:14px}
.figures{grid-template-columns:repeat(2,minmax(0,1fr));gap:10px}
.figures div{padding:10px 12px}.figures div:first-child{grid-column:1/-1}
.figures b,.large{font-size:22px}
.verdict{font-size:20px}
.quota{grid-template-columns:minmax(0,1fr)}
.trend text{font-size:19px}
button{min-height:40px}.copy,.run button{min-height:34px}
.stack table,.stack tbody{display:block}
.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stack tr{display:grid;grid-template-columns:7.5em minmax(0,1fr);gap:2px 10px;padding:10px 0;border-top:1px solid var(--line)}
.stack tbody tr:first-child{border-top:0;padding-top:0}
.stack th,.stack td{border:0;padding:0;white-space:normal;text-align:left;overflow-wrap:anywhere}
.stack tbody th{grid-column:1/-1;font-size:15px}
.stack td{grid-column:1/-1;display:grid;grid-template-columns:subgrid}
.stack td::before{content:attr(data-title);color:var(--soft)}
.stack .wrap{min-width:0}
.stack tr{position:relative}
.stack td[data-title=Run]{position:absolute;display:block;right:2px;top:10px;white-space:nowrap}
.stack tr:first-child td[data-title=Run]{top:3px}
.stack td[data-title=Run]::before{content:none}
}
@media (prefers-reduced-motion:no-preference){button{transition:border-color .15s}}
@media (forced-colors:active){.mark .body{fill:CanvasText}.mark .sign{stroke:Canvas}}
@media print{header,.look-up,.copy,form{display:none}.panel{break-inside:avoid}}
`;

/** The pages' style: light or dark as the reader's system is, one column where there is no room for more. */
export const PAGE_STYLE: string = [BASE, FRAME, PANELS, DRAWINGS, ANSWER, NARROW].join("").trim();
