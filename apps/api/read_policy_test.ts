import { assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "@ipcascade/core";
import { findListenHost, type PolicySettings, readPolicy } from "./read_policy.ts";
import { DEFAULT_POLICY } from "./policy.ts";

const SETTINGS: PolicySettings = {
  host: "127.0.0.1",
  apiTokens: [],
  apiRateLimit: null,
  apiTrustedProxies: [],
  apiRequestTimeoutMs: 30_000,
  apiConcurrency: 256,
  apiAccessLog: "problems",
};

Deno.test("readPolicy() without tokens leaves only the machine itself as a place to listen on", async () => {
  for (const host of ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST.", "::ffff:127.0.0.1"]) {
    assertEquals(await readPolicy({ ...SETTINGS, host }), DEFAULT_POLICY, host);
  }
  for (
    const host of [
      ...[
        "0.0.0.0",
        "::",
        "::ffff:0.0.0.0",
        "192.0.2.1",
        "honeypot",
        "localhost.example",
        "127.0.0.1.example",
      ],
      ...["2001:db8::1", "::ffff:192.0.2.1"],
    ]
  ) {
    const error = await assertRejects(() => readPolicy({ ...SETTINGS, host }), UsageError, "without tokens");
    assertEquals(error.message.includes(`"${host}"`), true);
    await readPolicy({ ...SETTINGS, host, apiTokens: [{ scope: "read", token: "0123456789abcdef" }] });
  }
});

Deno.test("readPolicy() tells which tokens are quickly guessed", async () => {
  const apiTokens = [
    { scope: "read", token: "0123456789abcdef" },
    { scope: "operate", token: "0123456789abcd~" },
  ] as const;
  const { tokens } = await readPolicy({ ...SETTINGS, host: "0.0.0.0", apiTokens });
  assertEquals(tokens.map(({ isShort }) => isShort), [undefined, true]);
});

Deno.test("findListenHost() takes localhost for what it says, whatever a resolver makes of it", () => {
  assertEquals(findListenHost({ host: "localhost" }), "127.0.0.1");
  assertEquals(findListenHost({ host: "::" }), "::");
});

Deno.test("readPolicy() knows tokens by their digests, and limits by their rates", async () => {
  // printf abc | sha256sum
  const sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  const { tokens } = await readPolicy({
    ...SETTINGS,
    apiTokens: [{ scope: "read", token: "abc" }, { scope: "operate", sha256 }],
  });
  assertEquals(tokens, [{ scope: "read", sha256, isShort: true }, { scope: "operate", sha256 }]);
  const rate = async (apiRateLimit: PolicySettings["apiRateLimit"]) =>
    (await readPolicy({ ...SETTINGS, apiRateLimit })).rateLimit;
  assertEquals(await rate("off"), null);
  assertEquals(await rate({ count: 50, perMs: 1_000 }), {
    count: 50,
    perMs: 1_000,
    burst: 50,
    exemptsLoopback: false,
  });
  assertEquals((await rate({ count: 3_600, perMs: 3_600_000 }))?.burst, 10);
  assertEquals((await rate({ count: 1, perMs: 60_000 }))?.burst, 1);
});
