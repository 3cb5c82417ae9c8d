import { assertEquals } from "@std/assert";
import { AnswerJudge, type Asked, type Circumstances } from "./evidence/answer_judge.ts";
import { listChaosAddresses, type ReleaseName } from "./evidence/chaos_world.ts";
import { Claims } from "./evidence/figures.ts";
import type { RawAnswer } from "./evidence/kept_connection.ts";

const ADDRESS = listChaosAddresses()[0]!;
const ASKED: Asked = { caller: "fresh", isOffline: false, startedAt: 100, endedAt: 110 };

function answer(body: unknown, status = 200, fields: Readonly<Record<string, string>> = {}): RawAnswer {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const lines = Object.entries({ etag: `"${bytes.length}"`, ...fields }).map(([name, value]) =>
    `\r\n${name}: ${value}`
  );
  return { status, head: `HTTP/1.1 ${status} X${lines.join("")}`, body: bytes };
}

/** A record of a release, or of the City of one and the ASN of the other. */
function record(city: ReleaseName, asn: ReleaseName = city) {
  const [country, name, latitude] = ADDRESS.facts[city].split("|");
  const [, , , number, org, , , , , build] = ADDRESS.facts[asn].split("|");
  const place = { city: name!, latitude: Number(latitude) };
  return {
    geo_country: country!,
    geo_city: place.city,
    geo_latitude: place.latitude,
    asn_number: Number(number),
    asn_org: org!,
    enrichment: {
      maxmind: { ...place, asn: Number(number), asn_org: org!, database_build: build! },
    },
  };
}

function problem(code: string, fields: Readonly<Record<string, string>> = { "retry-after": "5" }) {
  return answer({ code }, 503, { "content-type": "application/problem+json", ...fields });
}

const AWAY = { awayFrom: 50, awayUntil: 200 };

Deno.test("AnswerJudge finds wrong answers, and only those", () => {
  const cases: readonly [string, RawAnswer, Partial<Circumstances>, Partial<Asked>, isFine: boolean][] = [
    ["an old record", answer(record("old")), {}, {}, true],
    ["a new one too early", answer(record("new")), {}, {}, false],
    ["a new one after the change", answer(record("new")), { oldUntil: 50 }, {}, true],
    ["an old one long after it", answer(record("old")), { oldUntil: 20, newFrom: 50 }, {}, false],
    ["City and ASN of two releases", answer(record("new", "old")), { oldUntil: 50 }, {}, false],
    ["the missing database", problem("STORE_FAILED"), AWAY, {}, true],
    ["it when it is there", problem("STORE_FAILED"), {}, {}, false],
    ["it for an offline look-up", problem("STORE_FAILED"), AWAY, { isOffline: true }, false],
    ["no word of when to come again", problem("STORE_FAILED", {}), AWAY, {}, false],
    ["a server error", answer({ code: "INTERNAL" }, 500), AWAY, {}, false],
    ["the end", problem("SERVER_ENDING"), { endingFrom: 105 }, {}, true],
    ["the end before it", problem("SERVER_ENDING"), { endingFrom: 120 }, {}, false],
    ["a hang", answer(record("old")), {}, { endedAt: 9_000 }, false],
  ];
  for (const [name, given, circumstances, asked, isFine] of cases) {
    const claims = new Claims();
    const judge = new AnswerJudge(claims);
    Object.assign(judge.circumstances, circumstances);
    judge.judgeOne({ ...ASKED, ...asked }, ADDRESS, given);
    assertEquals(claims.broken.length === 0, isFine, `${name}: ${claims.broken}`);
  }
});

Deno.test("AnswerJudge finds an old answer after a new one, and a tag that both have", () => {
  const claims = new Claims();
  const judge = new AnswerJudge(claims);
  judge.circumstances.oldUntil = 0;
  judge.judgeOne(ASKED, ADDRESS, answer(record("new"), 200, { etag: '"a"' }));
  judge.judgeOne(ASKED, ADDRESS, answer(record("old"), 200, { etag: '"b"' }));
  assertEquals(claims.broken, []);
  judge.judgeOne(ASKED, ADDRESS, answer(record("old"), 200, { etag: '"a"' }));
  assertEquals(claims.broken.length, 1);
  judge.judgeOne(
    { ...ASKED, startedAt: 120, endedAt: 130 },
    ADDRESS,
    answer(record("old"), 200, { etag: '"b"' }),
  );
  assertEquals(claims.broken.length, 2);
});

Deno.test("AnswerJudge takes an unanswered question for the end's alone, and a cut answer never", () => {
  const claims = new Claims();
  const judge = new AnswerJudge(claims);
  judge.circumstances.endingFrom = 105;
  judge.judgeCut(ASKED, false);
  assertEquals(claims.broken, []);
  judge.judgeCut(ASKED, true);
  judge.judgeCut({ ...ASKED, startedAt: 80, endedAt: 90 }, false);
  assertEquals(claims.broken.length, 2);
});
