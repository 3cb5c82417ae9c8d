/** Contrast of every text on its ground is 4.5 or more in either scheme. */
const LIGHT = "--page:#fff;--ink:#17202b;--soft:#505d6d;--line:#d5dce4;--link:#1657a6;--code:#eef2f6;" +
  "--get:#1657a6;--put:#8a4b00;--post:#23703a;--delete:#b3261e;";
const DARK = "--page:#10151b;--ink:#e6ecf3;--soft:#aab7c6;--line:#303b48;--link:#8fc0f7;--code:#1d2630;" +
  "--get:#8fc0f7;--put:#f2ae5c;--post:#7ecb91;--delete:#f38d84;";

/** The stylesheet of the reference. */
export const REFERENCE_STYLE = `:root{color-scheme:light dark;${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:960px;padding:0 20px 60px;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:break-word}
h1{font-size:28px;margin:28px 0 0}
h2{font-size:22px;margin:48px 0 8px;padding-top:16px;border-top:2px solid var(--line)}
h3{font-size:17px;margin:32px 0 6px}
h4{font-size:15px;margin:16px 0 4px}
p{margin:6px 0}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-999px;top:8px;padding:8px 14px;background:var(--page)}
.skip:focus{left:8px}
.soft,small{color:var(--soft);font-size:14px}
small{margin-left:6px}
nav ul{display:flex;flex-wrap:wrap;gap:6px 18px;list-style:none;margin:12px 0;padding:0}
code,pre{font:14px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;background:var(--code);border-radius:5px}
code{padding:1px 5px}
pre{padding:12px 14px;margin:8px 0;white-space:pre-wrap;overflow-wrap:anywhere}
ol,dd ul,article>ul{padding-left:24px;margin:4px 0}
dl{margin:4px 0}
dt{margin-top:8px}
dd{margin:0 0 0 20px}
.summary{font-size:17px}
.method{font-weight:700;color:var(--get)}
.put{color:var(--put)}.post{color:var(--post)}.delete{color:var(--delete)}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:6px 12px 6px 0;border-bottom:1px solid var(--line);font-weight:400}
thead th{font-weight:600}
`;
