import { assertEquals, assertRejects } from "@std/assert";
import { createResponseChecker } from "./response_checker.ts";

const CITY = {
  type: "object",
  properties: { name: { type: "string" }, at: { type: "string", format: "date-time" } },
  required: ["name"],
};

const DOCUMENT = {
  paths: {
    "/v1/cities/{city}": {
      get: {
        responses: {
          200: { content: { "application/json": { schema: { $ref: "#/components/schemas/BigCity" } } } },
          204: { description: "Nothing" },
        },
      },
      post: {
        responses: {
          200: { content: { "application/x-ndjson": { schema: { $ref: "#/components/schemas/City" } } } },
        },
      },
    },
  },
  components: {
    schemas: {
      City: CITY,
      BigCity: {
        allOf: [{ $ref: "#/components/schemas/City" }],
        properties: { size: { type: ["integer", "null"] } },
        required: ["size"],
      },
      Problem: { type: "object", properties: { code: { type: "string" } }, required: ["code"] },
    },
  },
};

const checker = createResponseChecker(DOCUMENT);

function json(body: unknown, { status = 200, type = "application/json" } = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": type } });
}

const get = { method: "GET", path: "/v1/cities/rome" };

Deno.test("createResponseChecker() gives back an answer that is as declared", async () => {
  const body = { name: "Rome", at: "2026-11-24T06:00:00.000Z", size: null };
  const response = await checker.check(get, json(body));
  assertEquals(await response.json(), body);
  await checker.check(get, new Response(null, { status: 204 }));
  const unknown = json({ code: "NOT_FOUND" }, { status: 404, type: "application/problem+json" });
  await checker.check({ method: "GET", path: "/v1/nothing" }, unknown);
});

const WRONG: readonly (readonly [what: string, response: () => Response, says: string])[] = [
  ["a property that is missing", () => json({ name: "Rome" }), "must have required property"],
  ["a property that is not declared", () => json({ name: "Rome", size: 1, mayor: "x" }), "mayor"],
  ["a property of another type", () => json({ name: "Rome", size: "big" }), "must be integer,null"],
  ["an instant that is none", () => json({ name: "Rome", size: 1, at: "today" }), "date-time"],
  ["another status", () => json({}, { status: 202 }), "answers 202; declared are 200, 204"],
  ["another media type", () => json({ name: "Rome", size: 1 }, { type: "text/json" }), 'is "text/json"'],
];

for (const [what, response, says] of WRONG) {
  Deno.test(`createResponseChecker() refuses ${what}`, async () => {
    await assertRejects(() => checker.check(get, response()), Error, says);
  });
}

Deno.test("createResponseChecker() refuses an undeclared path, and an error that is no problem", async () => {
  const path = "/v1/nothing";
  await assertRejects(() => checker.check({ method: "GET", path }, json({})), Error, "is not declared");
  const bare = json({ message: "no" }, { status: 404 });
  await assertRejects(() => checker.check({ method: "GET", path }, bare), Error, "application/problem+json");
});

Deno.test("createResponseChecker() checks NDJSON line by line, while it is read", async () => {
  const lines = ['{"name":"Rome"}\n{"na', 'me":"Oslo"}\n', '{"nam":"Bonn"}\n'];
  const body = ReadableStream.from(lines.map((line) => new TextEncoder().encode(line)));
  const response = new Response(body, { headers: { "content-type": "application/x-ndjson" } });
  const checked = await checker.check({ method: "POST", path: "/v1/cities/some" }, response);
  const reader = checked.body!.getReader();
  assertEquals((await reader.read()).done, false);
  assertEquals((await reader.read()).done, false);
  await assertRejects(
    async () => {
      while (!(await reader.read()).done);
    },
    Error,
    "must have required property",
  );
});
