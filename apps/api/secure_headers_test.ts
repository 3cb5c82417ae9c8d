import { assertEquals } from "@std/assert";
import { addSecureHeaders, type AnswerKind } from "./secure_headers.ts";

Deno.test("addSecureHeaders() sends Cross-Origin-Opener-Policy where browsers take it", () => {
  const openerPolicy = (kind: AnswerKind, isHttps: boolean) => {
    const headers = new Headers();
    addSecureHeaders(headers, { requestId: "1", kind, isHttps });
    return headers.get("cross-origin-opener-policy");
  };
  assertEquals(openerPolicy("page", true), "same-origin");
  assertEquals(openerPolicy("page", false), null);
  assertEquals(openerPolicy("data", true), null);
});
