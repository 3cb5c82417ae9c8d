import { Buffer } from "node:buffer";
import { createServer, type Socket } from "node:net";
import { bulkRows, type CymruLine, headerRow } from "./cymru_rows.ts";
import type { FaultEffects } from "./fault.ts";
import { garbage, type StandInOptions } from "./stand_in.ts";
import { listen, type OpenServer, pause, resetSocket, writeForever } from "./tcp_server.ts";

const BANNER = "Bulk mode; whois.cymru.com [2026-11-23 12:00:00 +0000]\n";
const FLUSH_BYTES = 64 * 1024;

/** Opens a stand-in for `whois.cymru.com:43`: bulk sessions, and single queries such as `-v 8.8.8.8`. */
export function openWhoisServer(options: StandInOptions): Promise<OpenServer> {
  // Clients may close their sending side after `end`, and still want the answer.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    options.requests.cymruConnections++;
    serve(socket, options);
  });
  return listen(server, options.port);
}

interface Session {
  lines: CymruLine[];
  lineNumber: number;
  bulk: boolean;
  verbose: boolean;
  header: boolean;
  done: boolean;
}

function serve(socket: Socket, options: StandInOptions): void {
  const session: Session = {
    lines: [],
    lineNumber: 0,
    bulk: false,
    verbose: false,
    header: false,
    done: false,
  };
  let rest = "";
  socket.setEncoding("latin1");
  socket.on("data", (chunk: unknown) => {
    const texts = (rest + String(chunk)).split("\n");
    rest = texts.pop() ?? "";
    for (const text of texts) readLine(text.trim(), { session, socket, options });
  });
  socket.on("end", () => {
    if (!session.done) socket.end();
  });
}

interface Conversation {
  readonly session: Session;
  readonly socket: Socket;
  readonly options: StandInOptions;
}

function readLine(text: string, conversation: Conversation): void {
  const { session } = conversation;
  session.lineNumber++;
  if (text === "" || session.done) return;
  const word = text.toLowerCase();
  if (!session.bulk && word !== "begin") return void answerSingle(text, conversation);
  if (word === "begin") session.bulk = true;
  else if (word === "verbose") session.verbose = true;
  else if (word === "header" || word === "noheader") session.header = word === "header";
  else if (word === "end") void answerBulk(conversation);
  // Further options of the real service (`noprefix`, `countrycode`, …) change nothing here.
  else if (!/^[a-z]+$/.test(word)) session.lines.push({ text, number: session.lineNumber });
}

async function answerBulk({ session, socket, options }: Conversation): Promise<void> {
  session.done = true;
  const addresses = session.lines.map(({ text }) => text);
  options.requests.cymruSessions++;
  options.requests.cymruAddresses += addresses.length;
  options.requests.add({ provider: "cymruWhois", what: "bulk", addresses });
  const faults = options.faults.take("cymruWhois");
  const rows = bulkRows(session.lines, { verbose: session.verbose, header: session.header, faults });
  await send(socket, [BANNER, ...rows], faults);
}

async function answerSingle(text: string, { session, socket, options }: Conversation): Promise<void> {
  session.done = true;
  const address = text.split(/\s+/).at(-1) ?? "";
  const verbose = /(^|\s)-v(\s|$)/.test(text);
  options.requests.cymruSingles++;
  options.requests.add({ provider: "cymruWhois", what: "single", addresses: [address] });
  const faults = options.faults.take("cymruWhois");
  const rows = bulkRows([{ text: address, number: 1 }], { verbose, header: false, faults });
  await send(socket, [headerRow({ verbose }), ...rows], faults);
}

async function send(socket: Socket, rows: readonly string[], faults: FaultEffects): Promise<void> {
  const delay = faults.find("delay");
  if (delay !== null) await pause(delay.ms);
  if (faults.has("drop")) return;
  if (faults.has("reset")) return resetSocket(socket);
  if (faults.has("garbage")) return void socket.end(Buffer.from(garbage(4096)));
  if (faults.has("html")) return void socket.end("<html><body>Please log in</body></html>\n");
  const endless = faults.find("endless");
  if (endless !== null) {
    const chunk = endless.of === "line" ? "x".repeat(FLUSH_BYTES) : rows.slice(0, 2).join("").repeat(100);
    return writeForever(socket, Buffer.from(chunk, "latin1"));
  }
  const cut = faults.find("cut");
  const bytes = Buffer.from(rows.join(""), "latin1");
  if (cut === null) return void socket.end(bytes);
  socket.write(bytes.subarray(0, Math.floor(bytes.length * (cut.after ?? 0.5))), () => socket.destroy());
}
