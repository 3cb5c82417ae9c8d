import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "@ipcascade/core";
import { insistsOnTls, listLoginSecrets, readMailServer } from "./mail_server.ts";

Deno.test("readMailServer() reads host, port, login and how to use TLS", () => {
  const plain = { tls: "auto", verifiesCertificate: true, login: null } as const;
  const cases: readonly [url: string, server: ReturnType<typeof readMailServer>][] = [
    ["smtp://mail.example", { ...plain, host: "mail.example", port: 587, isImplicitTls: false }],
    ["smtps://mail.example", { ...plain, host: "mail.example", port: 465, isImplicitTls: true }],
    ["smtp://[::1]:2525", { ...plain, host: "::1", port: 2525, isImplicitTls: false }],
    ["smtp://m%40x:p%25w%@mail.example:25?tls=required&verify=no", {
      host: "mail.example",
      port: 25,
      isImplicitTls: false,
      tls: "required",
      verifiesCertificate: false,
      login: { user: "m@x", password: "p%25w%" },
    }],
  ];
  for (const [url, server] of cases) assertEquals(readMailServer(url), server, url);
});

Deno.test("readMailServer() refuses a query that it does not know, without the password", () => {
  for (const query of ["tls=maybe", "verify=off", "logger=true", "tls=auto&debug=1"]) {
    const error = assertThrows(() => readMailServer(`smtp://u:hunter2@mail.example?${query}`), UsageError);
    assertEquals(
      error.message,
      "Cannot read the query of SMTP_URL: allowed are tls=auto|required|off and verify=yes|no",
    );
  }
});

Deno.test("insistsOnTls() lets no password travel in the clear to another machine", () => {
  const cases: readonly [url: string, insists: boolean][] = [
    ["smtp://u:p@mail.example", true],
    ["smtp://mail.example", false],
    ["smtp://u:p@127.0.0.1", false],
    ["smtp://u:p@localhost", false],
    ["smtp://u:p@127.evil.example", true],
    ["smtp://mail.example?tls=required", true],
    ["smtp://u:p@mail.example?tls=off", false],
  ];
  for (const [url, insists] of cases) assertEquals(insistsOnTls(readMailServer(url)), insists, url);
});

Deno.test("listLoginSecrets() gives the login as it travels", () => {
  assertEquals(listLoginSecrets(readMailServer("smtp://u:pass@mail.example")), [
    "pass",
    "cGFzcw==",
    "AHUAcGFzcw==",
  ]);
  assertEquals(listLoginSecrets(readMailServer("smtp://mail.example")), []);
});
