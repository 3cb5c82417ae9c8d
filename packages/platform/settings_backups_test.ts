import { UsageError } from "@ipcascade/core";
import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption";
import { isAgeIdentity, isAgeRecipient } from "./age_keys.ts";
import { createRedactor } from "./secrets.ts";
import { formatS3Location, parseS3Location } from "./settings_backup_values.ts";
import { describeSettings } from "./settings_describe.ts";
import { readSettings } from "./settings_reader.ts";
import { listSecrets } from "./settings_secrets.ts";

function read(env: Record<string, string>, files: Record<string, string> = {}) {
  return readSettings({
    env: { HOME: "/home/op", ...env },
    flags: {},
    readFile: (path) => files[path] ?? null,
  });
}

function refusal(env: Record<string, string>): string {
  return assertThrows(() => read(env), UsageError).message;
}

const KEYS = { AWS_ACCESS_KEY_ID: "AKIA4711", AWS_SECRET_ACCESS_KEY: "aws-secret/4712+" };

Deno.test("isAgeRecipient() and isAgeIdentity() know keys, and every key with a letter wrong", async () => {
  for (const generate of [generateX25519Identity, generateHybridIdentity]) {
    const identity = await generate();
    const recipient = await identityToRecipient(identity);
    assert(isAgeRecipient(recipient) && isAgeIdentity(identity));
    assertFalse(isAgeRecipient(identity) || isAgeIdentity(recipient));
    for (let at = 0; at < 60; at++) {
      const change = (text: string, letters: string) =>
        text.slice(0, at) + (text[at] === letters[0] ? letters[1] : letters[0]) + text.slice(at + 1);
      assertFalse(isAgeRecipient(change(recipient, "qp")), `recipient at ${at}`);
      assertFalse(isAgeIdentity(change(identity, "QP")), `identity at ${at}`);
    }
    assertFalse(isAgeRecipient(recipient.slice(0, -1)) || isAgeIdentity(identity.slice(0, -1)));
  }
  for (const text of ["", "age1", "age", "1", "AGE-SECRET-KEY-1"]) {
    assertFalse(isAgeRecipient(text) || isAgeIdentity(text));
  }
});

Deno.test("parseS3Location() takes buckets with a prefix that needs no escapes", () => {
  const cases: readonly [string, string | null][] = [
    ["s3://bucket", "s3://bucket"],
    ["s3://bucket/", "s3://bucket"],
    ["S3://my.bucket-1/a/b_c/", "s3://my.bucket-1/a/b_c"],
    ["s3://", null],
    ["s3://b", null],
    ["s3://Bucket/x", null],
    ["s3://bucket/a//b", null],
    ["s3://bucket/../b", null],
    ["s3://bucket/a b", null],
    ["s3://bucket/a?b", null],
    ["s3://key:secret@bucket/x", null],
    [`s3://bucket/${"x".repeat(600)}`, null],
    ["/var/backups", null],
  ];
  for (const [text, expected] of cases) {
    const location = parseS3Location(text);
    assertEquals([text, location === null ? null : formatS3Location(location)], [text, expected]);
  }
});

Deno.test("BACKUP_DIR is a directory or a bucket, and a bucket needs keys", () => {
  assertEquals(read({ BACKUP_DIR: "~/backups" }).backupDir, "/home/op/backups");
  assertEquals(read({ BACKUP_DIR: "s3://b-1/p/", ...KEYS }).backupDir, "s3://b-1/p");
  const bad = refusal({ BACKUP_DIR: "https://bucket/x" });
  assert(bad.includes('"https://bucket/x"') && bad.includes("s3://bucket/prefix"), bad);
  for (const text of ["s3:/bucket", "S3:bucket", "file:/var/backups", "http:x", "gs://b-1/p"]) {
    assert(refusal({ BACKUP_DIR: text }).includes("allowed is a directory or s3://bucket/prefix"), text);
  }
  for (const text of ["/mnt/a:b", "./s3:x", "C:/backups"]) {
    assertEquals(read({ BACKUP_DIR: text }).backupDir, text);
  }
  const none = refusal({ BACKUP_DIR: "s3://b-1/p" });
  const words = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set";
  assertEquals(none, `Cannot use BACKUP_DIR "s3://b-1/p": ${words}`);
  const half = refusal({ BACKUP_DIR: "s3://b-1/p", AWS_ACCESS_KEY_ID: "AKIA4711" });
  assertEquals(half, 'Cannot use BACKUP_DIR "s3://b-1/p": AWS_SECRET_ACCESS_KEY is not set');
});

Deno.test("S3 is set by the names of Amazon's tools, secrets also from files", () => {
  const settings = read({
    AWS_ACCESS_KEY_ID: "AKIA4711",
    AWS_SECRET_ACCESS_KEY_FILE: "/run/secret",
    AWS_SESSION_TOKEN: "aws-token-4713",
    AWS_DEFAULT_REGION: "eu-central-1",
    AWS_ENDPOINT_URL: "http://127.0.0.1:9000/",
  }, { "/run/secret": "aws-secret/4712+\n" });
  const { awsAccessKeyId, awsSecretAccessKey, awsSessionToken, awsRegion, s3Endpoint } = settings;
  assertEquals([awsAccessKeyId, awsSecretAccessKey, awsSessionToken, awsRegion, s3Endpoint], [
    "AKIA4711",
    "aws-secret/4712+",
    "aws-token-4713",
    "eu-central-1",
    "http://127.0.0.1:9000",
  ]);
  assert(refusal({ AWS_ENDPOINT_URL: "http://op:pw-4714@s3.example" }).includes("without user"));
  const both = { AWS_REGION: "r-1", AWS_DEFAULT_REGION: "r-2", AWS_ENDPOINT_URL_S3: "https://s3.example" };
  assertEquals(read(both).awsRegion, "r-1");
  const shown = JSON.stringify(describeSettings(settings));
  assert(shown.includes("AKIA4711"));
  for (const secret of ["4712", "4713"]) assertFalse(shown.includes(secret), secret);
  const redact = createRedactor(listSecrets(settings));
  assertEquals(redact("aws-secret/4712+ aws-token-4713"), "*** ***");
});

Deno.test("keys of age are read as age-keygen writes them, and no secret one is quoted", async () => {
  const [one, two] = [await generateX25519Identity(), await generateX25519Identity()];
  const [to, too] = [await identityToRecipient(one), await identityToRecipient(two)];
  const file = `# created: 2026-11-26T01:00:00Z\n# public key: ${to}\n${one}\n\n${two}\n`;
  const settings = read(
    { BACKUP_AGE_RECIPIENTS: `${to}, ${too} ${to}`, BACKUP_AGE_IDENTITY_FILE: "/k" },
    { "/k": file },
  );
  assertEquals(settings.backupAgeRecipients, [to, too]);
  assertEquals(settings.backupAgeIdentities, [one, two]);
  assertFalse(JSON.stringify(describeSettings(settings)).includes(one));
  assertEquals(createRedactor(listSecrets(settings))(`x ${two}`), "x ***");
  const typo = to.replace(/.$/, to.endsWith("q") ? "p" : "q");
  const wrong = refusal({ BACKUP_AGE_RECIPIENTS: `${to} ${typo}` });
  assert(wrong.includes(`"${typo}" is none`) && wrong.includes("age1"), wrong);
  for (const [name, text] of [["RECIPIENTS", `${to} ${one}`], ["IDENTITY", `${one} ${two}x`]]) {
    const message = refusal({ [`BACKUP_AGE_${name}`]: text! });
    assert(message.includes("entry 2"), message);
    assertFalse(message.includes(one.slice(20)) || message.includes(two.slice(20)), message);
  }
  assert(refusal({ BACKUP_AGE_IDENTITY: "# nothing" }).includes("there is none"));
  assert(refusal({ BACKUP_AGE_RECIPIENTS: " , " }).includes("there is none"));
  assert(refusal({ BACKUP_AGE_RECIPIENTS: "  " }).includes("there is none"));
});

Deno.test("a file of identities that can't be read stops nothing; config and whoever needs it say which it is", () => {
  const env = { BACKUP_AGE_IDENTITY_FILE: "/mnt/usb/key" };
  const problem = 'Cannot read BACKUP_AGE_IDENTITY_FILE "/mnt/usb/key": ';
  const missing = read(env);
  assertEquals(missing.backupAgeIdentities, []);
  assertEquals(missing.unreadable.get("BACKUP_AGE_IDENTITY"), `${problem}there is no such file`);
  const row = describeSettings(missing).find(({ name }) => name === "BACKUP_AGE_IDENTITY");
  assertEquals([row?.value, row?.note], ["", `${problem}there is no such file`]);
  const empty = read(env, { "/mnt/usb/key": " \n" });
  assertEquals(empty.unreadable.get("BACKUP_AGE_IDENTITY"), `${problem}the file is empty`);
  assert(refusal({ AWS_SECRET_ACCESS_KEY_FILE: "/run/gone" }).includes("there is no such file"));
});
