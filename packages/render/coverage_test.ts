import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { renderCoverageCsv } from "./coverage_csv.ts";
import { renderCoverageMarkdown } from "./coverage_markdown.ts";
import { formatCount } from "./coverage_tables.ts";
import { renderCoverage, renderSnapshot } from "./coverage_text.ts";
import { renderReportHtml } from "./report_html/mod.ts";
import { emptyReport, fullReport, HOSTILE_NAME, hostileReport } from "./testing/coverage_reports.ts";

Deno.test("renderCoverage() tells month, basis, denominator and change first", () => {
  assertEquals(renderCoverage(fullReport()).split("\n").slice(0, 11), [
    "Enrichment coverage, October 2026",
    "From the snapshot of the month's last day, taken 2026-10-31 23:55 UTC.",
    "Shares are of 75,000 global-unicast addresses of the inventory; 1,250 rows of other scopes are not counted.",
    "",
    "Overall coverage, and change since 2026-09-30",
    "MEASURE           ADDRESSES  SHARE     CHANGE  POINTS",
    "Global addresses  75,000     100.00 %  +4,210",
    "With ASN          73,900     98.53 %   +4,300  +0.32",
    "With country      73,184     97.57 %   -12     -0.01",
    "Scanners          35,400     47.20 %   +900",
    "RIOT services     2,100      2.80 %    0",
  ]);
});

Deno.test("renderCoverage() has every part of the report", () => {
  const page = renderCoverage(fullReport());
  const lines = [
    /^MaxMind {5}71,000 {5}96\.07 %$/m,
    /^SG +Singapore +5,210 +6\.94 %$/m,
    /^AS64500 +2,000 +2\.66 %$/m,
    /^GreyNoise, older than 7 days \(of IPv4\) +5,002 +7\.14 %$/m,
    /^10,000\/day +8,100 +81\.00 % +1,900 /m,
    /^back-up +31 +30 +0 +1 /m,
    /^2026-10-31 +74,900 +98\.40 % /m,
  ];
  for (const line of lines) assertMatch(page, line);
});

Deno.test("renderCoverage() of nothing has no share, and says what is missing", () => {
  const page = renderCoverage(emptyReport());
  assertMatch(page, /^With ASN +0 +n\/a +n\/a +n\/a$/m);
  assertStringIncludes(page, "No address has an ASN\n");
  for (const text of [page, renderCoverageMarkdown(emptyReport()), renderCoverageCsv(emptyReport())]) {
    assert(!/NaN|Infinity|undefined|null/.test(text), text);
  }
});

Deno.test("names from outside steer neither terminal, table nor spreadsheet", () => {
  const [text, markdown, csv] = [renderCoverage, renderCoverageMarkdown, renderCoverageCsv].map((render) =>
    render(hostileReport())
  );
  for (const one of [text!, markdown!, csv!]) assert(!one.includes("\u001b"));
  const row = markdown!.split("\n").find((line) => line.startsWith("| AS14061"))!;
  assertEquals(row.match(/(?<!\\)\|/g)!.length, 5);
  assert(!/(?<!\\)[<>`[\]]/.test(row), row);
  const formulas = ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1"];
  const { top_asns } = fullReport();
  const named = formulas.map((asn_org) => ({ ...top_asns[0]!, asn_org }));
  const lines = renderCoverageCsv({ ...fullReport(), top_asns: named }).split("\r\n");
  const cells = lines.filter((line) => /,top_asns,.*,addresses,/.test(line)).map((line) =>
    line.split(",")[3]
  );
  assertEquals(cells, ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "' =1", "·=1"]);
});

Deno.test("renderCoverageCsv() has one figure a line, with negative changes as numbers", () => {
  const lines = renderCoverageCsv(fullReport()).split("\r\n");
  assertEquals(lines[0], "month,section,name,label,measure,value");
  for (
    const line of [
      "2026-10,denominator,,,addresses,75000",
      "2026-10,coverage,asn,,percent,98.53",
      "2026-10,change,,,with_geo,-12",
      "2026-10,jobs,back-up,,failed,1",
      "2026-10,trend,2026-10-31,,asn_percent,98.4",
      '2026-10,top_asns,AS4134,"China Telecom Backbone, No.31,Jin-rong Street",addresses,8111',
    ]
  ) {
    assert(lines.includes(line), line);
  }
});

Deno.test("renderCoverage() cuts names that would push the figures out of sight", () => {
  const full = fullReport();
  const named = { ...full, top_asns: [{ ...full.top_asns[0]!, asn_org: "x".repeat(300) }] };
  const page = renderCoverage(named);
  assertMatch(page, /^AS14061 {2}x{39}… {2}9,204 +12\.27 %$/m);
  assert(page.split("\n").every((line) => line.length < 120));
  assertStringIncludes(renderCoverageCsv(named), "x".repeat(300));
});

Deno.test("renderCoverageMarkdown() aligns texts to the left, figures to the right", () => {
  const rules = renderCoverageMarkdown(fullReport()).match(/^\| --- .*$/gm)!;
  assertEquals([rules[1], rules[3], rules[4]], [
    "| --- | ---: | ---: |",
    "| --- | --- | ---: | ---: |",
    "| --- | --- | ---: | ---: |",
  ]);
});

Deno.test("one address, one row and one other are told as one", () => {
  const full = fullReport();
  const one = { addresses: 1, percent: 100 };
  const denominator = { ...full.denominator, addresses: 1, excluded: 1 };
  const report = { ...full, denominator, asn: one, geo: one };
  for (const page of [renderCoverage(report), renderCoverageMarkdown(report), renderReportHtml(report)]) {
    assert(!/\b1 (?:addresses|rows|others|global)/.test(page));
    assertStringIncludes(page, "Shares are of 1 address: ");
    assertStringIncludes(page, "1 row of other scopes is not counted");
  }
  assertStringIncludes(renderReportHtml(report), "1 address<");
});

Deno.test("a snapshot that is left out is told in every form", () => {
  const message = "The snapshot of 2026-10-30 is left out: it is damaged. Delete its row";
  const report = { ...fullReport(), left_out: [{ day: "2026-10-30", message }] };
  assertStringIncludes(renderCoverage(report), `\nWarning: ${message}.\n\nOverall`);
  assertStringIncludes(renderCoverageMarkdown(report), `\n\nWarning: ${message}.\n\n## `);
  assertStringIncludes(
    renderCoverageCsv(report),
    `2026-10,left_out,2026-10-30,,message,${message}\r\n`,
  );
  assertStringIncludes(renderReportHtml(report), `<p>Warning: ${message}.</p>`);
});

Deno.test("renderSnapshot() tells what is kept", () => {
  const report = {
    operation: "snapshot-coverage",
    status: "done",
    day: "2026-10-31",
    measured_at: "2026-10-31T23:55:00.000Z",
    is_kept: true,
    addresses: 1_234,
    asn_percent: 98.5,
    geo_percent: null,
  } as const;
  assertEquals(
    renderSnapshot(report),
    "Snapshot of 2026-10-31 is kept: 1,234 addresses, ASN 98.50 %, country n/a\n",
  );
  assertStringIncludes(
    renderSnapshot({ ...report, is_kept: false }),
    "The snapshot of 2026-10-31 that is there stays",
  );
});

Deno.test("formatCount() groups digits by three", () => {
  const cases = [[0, "0"], [999, "999"], [1_000, "1,000"], [1_234_567, "1,234,567"]] as const;
  for (const [count, text] of cases) assertEquals(formatCount(count), text);
  assert(HOSTILE_NAME.includes("<script>"));
});
