import type { IncomingMessage } from "node:http";
import { assertEquals } from "./assert.ts";
import { checkS3Signature } from "./s3_signature.ts";

/** The examples of Amazon's page "Signature Calculations for the Authorization Header". */
const KEYS = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const EXAMPLES: readonly [string, string, string][] = [
  ["/test.txt", "host;range;", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"],
  ["/?lifecycle", "host;", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"],
  ["/?max-keys=2&prefix=J", "host;", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"],
];

function ask(url: string, signed: string, signature: string): IncomingMessage {
  const scope = `${KEYS.accessKeyId}/20130524/us-east-1/s3/aws4_request`;
  const names = `${signed}x-amz-content-sha256;x-amz-date`;
  const headers = {
    host: "examplebucket.s3.amazonaws.com",
    range: "bytes=0-9",
    "x-amz-content-sha256": NOTHING,
    "x-amz-date": "20130524T000000Z",
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
  return { method: "GET", url, headers } as unknown as IncomingMessage;
}

Deno.test("checkS3Signature() accepts Amazon's examples, and nothing that differs from them", () => {
  for (const [url, signed, signature] of EXAMPLES) {
    assertEquals([url, checkS3Signature(ask(url, signed, signature), KEYS)], [url, null]);
    const other = { ...KEYS, secretAccessKey: "other" };
    assertEquals(checkS3Signature(ask(url, signed, signature), other), "SignatureDoesNotMatch");
    assertEquals(checkS3Signature(ask(`${url}x`, signed, signature), KEYS), "SignatureDoesNotMatch");
    const unknown = { ...KEYS, accessKeyId: "AKIA4711" };
    assertEquals(checkS3Signature(ask(url, signed, signature), unknown), "InvalidAccessKeyId");
  }
  const { url, method } = ask("/", "", "");
  assertEquals(checkS3Signature({ url, method, headers: {} } as IncomingMessage, KEYS), "AccessDenied");
});
