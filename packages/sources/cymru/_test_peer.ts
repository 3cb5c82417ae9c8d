import type { Clock } from "@ipcascade/core";
import type { ConnectTcp } from "./tcp_connection.ts";
import type { ResolveTxt, TxtReply } from "./txt_reply.ts";

/** What a scripted whois server does next; after the last step it closes. */
export type Step = string | Uint8Array | { readonly waitMs: number } | "reset" | "hang";

/** A whois server that follows a script, and what it was asked. */
export interface FakePeer {
  readonly connect: ConnectTcp;
  /** What each connection sent. */
  readonly questions: string[];
  readonly openCount: number;
}

const encoder = new TextEncoder();

/** Gives each connection the steps that `script` makes of its question. */
export function createFakePeer(
  clock: Clock,
  script: (addresses: readonly string[]) => readonly Step[],
): FakePeer {
  const questions: string[] = [];
  let openCount = 0;
  const connect: ConnectTcp = () => {
    const index = questions.push("") - 1;
    const decoder = new TextDecoder();
    let isOpen = true;
    let ask = () => {};
    const asked = new Promise<void>((resolve) => ask = resolve);
    openCount++;
    const close = () => {
      if (isOpen) openCount--;
      isOpen = false;
    };
    return Promise.resolve({
      write(bytes) {
        questions[index] += decoder.decode(bytes);
        if (questions[index]!.endsWith("\nend\n")) ask();
        return Promise.resolve();
      },
      end: () => Promise.resolve(),
      close,
      [Symbol.asyncDispose]: () => Promise.resolve(close()),
      async *[Symbol.asyncIterator]() {
        await asked;
        for (const step of script(questions[index]!.split("\n").slice(2, -2))) {
          if (step === "reset") throw new Error("read ECONNRESET");
          if (step === "hang") await new Promise(() => {});
          else if (typeof step === "string") yield encoder.encode(step);
          else if ("waitMs" in step) await clock.sleep(step.waitMs);
          else yield step;
        }
      },
    });
  };
  return {
    connect,
    questions,
    get openCount() {
      return openCount;
    },
  };
}

/** A row about an address, as the server writes it. */
export function writeRow(address: string, asn = 64500): string {
  return `${asn}   | ${address}    | 192.0.2.0/24  | DE | ripencc  | 2001-02-03 | EXAMPLE-${asn}, DE\n`;
}

/** A resolver that answers from a table; other names do not exist. */
export function createFakeResolver(table: Readonly<Record<string, readonly string[] | TxtReply>>): {
  readonly resolveTxt: ResolveTxt;
  readonly names: string[];
} {
  const names: string[] = [];
  return {
    names,
    resolveTxt(name) {
      names.push(name);
      const entry = table[name];
      if (entry === undefined) return Promise.resolve({ status: "none" });
      return Promise.resolve("status" in entry ? entry : { status: "found", records: entry });
    },
  };
}
