import { assertEquals } from "@std/assert";
import { clearTokenCookie, readTokenCookie, writeTokenCookie } from "./token_cookie.ts";

Deno.test("writeTokenCookie() keeps a token from scripts and other sites, over https from plain requests", () => {
  assertEquals(
    writeTokenCookie("a b;c", false),
    "ipcascade_token=a%20b%3Bc; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict",
  );
  assertEquals(
    writeTokenCookie("abc", true),
    "__Host-ipcascade_token=abc; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure",
  );
  assertEquals(
    clearTokenCookie(false),
    "ipcascade_token=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict",
  );
});

Deno.test("readTokenCookie() reads what was written, the secure one first", () => {
  const cases: readonly (readonly [header: string | null, token: string | null])[] = [
    [null, null],
    ["", null],
    ["other=1", null],
    ["xipcascade_token=1", null],
    ["a=1; ipcascade_token=a%20b%3Bc; z=2", "a b;c"],
    ["ipcascade_token=plain; __Host-ipcascade_token=secure", "secure"],
    ["ipcascade_token=%E0%A4", null],
    ["ipcascade_token=", ""],
  ];
  for (const [header, token] of cases) assertEquals(readTokenCookie(header), token, String(header));
});
