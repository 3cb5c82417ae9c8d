import { connect } from "node:net";

/** What a whois connection brought, and whether the other side ended it properly. */
export interface WhoisReply {
  readonly text: string;
  readonly lines: readonly string[];
  readonly failed: boolean;
}

/** Sends text to a whois server and reads until it ends, or until `maxBytes` or `maxMs` are over. */
export function askWhois(
  address: string,
  request: string,
  limits: { readonly maxBytes?: number; readonly maxMs?: number } = {},
): Promise<WhoisReply> {
  const [host = "", port = ""] = address.split(":");
  return new Promise((resolve) => {
    let text = "";
    let failed = false;
    const socket = connect(Number(port), host, () => socket.write(request));
    const timer = setTimeout(() => socket.destroy(), limits.maxMs ?? 5000);
    socket.setEncoding("latin1");
    socket.on("data", (chunk: unknown) => {
      text += String(chunk);
      if (text.length > (limits.maxBytes ?? Infinity)) socket.destroy();
    });
    socket.on("error", () => failed = true);
    socket.on("close", () => {
      clearTimeout(timer);
      resolve({ text, lines: text.split("\n").filter((line) => line !== ""), failed });
    });
  });
}

/** A bulk session for some addresses. */
export function bulk(addresses: readonly string[]): string {
  return ["begin", "verbose", "noheader", ...addresses, "end", ""].join("\n");
}
