import { Buffer } from "node:buffer";
import { createSocket, type RemoteInfo } from "node:dgram";
import { formatAddress } from "../address.ts";
import { findAutonomousSystem, type WorldOrigin } from "../world.ts";
import { originsOf } from "./cymru_rows.ts";
import { DNS_TXT, type DnsQuestion, readQuestion, writeAnswer } from "./dns_message.ts";
import type { FaultEffects } from "./fault.ts";
import { type OpenServer, pause } from "./tcp_server.ts";
import { garbage, type StandInOptions } from "./stand_in.ts";

/**
 * Opens a stand-in for Team Cymru's DNS zones over UDP: TXT of `<reversed>.origin.asn.cymru.com`,
 * `<reversed nibbles>.origin6.asn.cymru.com` and `AS<n>.asn.cymru.com`; NXDOMAIN for the rest.
 */
export async function openDnsServer(options: StandInOptions): Promise<OpenServer> {
  const socket = createSocket("udp4");
  let turn = 0;
  let closed = false;
  socket.on("error", () => {});
  socket.on("message", (message: Buffer, sender: RemoteInfo) => {
    void answer(message, { options, turn: turn++ }).then((reply) => {
      if (reply !== null && !closed) socket.send(reply, sender.port, sender.address);
    });
  });
  await new Promise<void>((resolve) => socket.bind(options.port ?? 0, "127.0.0.1", resolve));
  return {
    port: socket.address().port,
    close: () => {
      closed = true;
      return new Promise((resolve) => socket.close(() => resolve()));
    },
  };
}

interface Turn {
  readonly options: StandInOptions;
  /** Counts the questions: several records come in another order each time. */
  readonly turn: number;
}

async function answer(message: Buffer, { options, turn }: Turn): Promise<Buffer | null> {
  const question = readQuestion(message);
  if (question === null) return null;
  const address = readReverseName(question.name);
  options.requests.dnsQueries++;
  options.requests.add({
    provider: "cymruDns",
    what: question.name,
    addresses: address === null ? undefined : [address],
  });
  const faults = options.faults.take("cymruDns", { address: address ?? undefined, path: question.name });
  const delay = faults.find("delay");
  if (delay !== null) await pause(delay.ms);
  if (faults.has("drop") || faults.has("reset")) return null;
  if (faults.has("garbage")) return Buffer.from(garbage(64));
  const whole = write(message, { question, texts: textsFor(question, { address, faults, turn }), faults });
  return faults.has("cut") ? whole.subarray(0, question.end + 8) : whole;
}

function write(
  message: Buffer,
  reply: {
    readonly question: DnsQuestion;
    readonly texts: readonly string[] | null;
    readonly faults: FaultEffects;
  },
): Buffer {
  const { question, texts, faults } = reply;
  const rcode = faults.find("rcode")?.rcode ?? (texts === null ? "NXDOMAIN" : "NOERROR");
  const shown = rcode !== "NOERROR" || question.type !== DNS_TXT ? [] : texts ?? [];
  return writeAnswer(message, { question, rcode, texts: shown });
}

interface Asked {
  readonly address: string | null;
  readonly faults: FaultEffects;
  readonly turn: number;
}

function textsFor({ name }: DnsQuestion, { address, faults, turn }: Asked): readonly string[] | null {
  if (address !== null) {
    const origins = originsOf(address, faults);
    return origins.length === 0 ? null : rotate(originTexts(origins), turn);
  }
  const asn = /^as(\d{1,10})\.asn\.cymru\.com$/.exec(name)?.[1];
  const system = asn === undefined ? null : findAutonomousSystem(Number(asn));
  if (system === null) return null;
  const asName = faults.has("latin1") ? `Universität ${system.asName}` : system.asName;
  return [`${system.asn} | ${system.countryCode} | ${system.registry} | ${system.allocated} | ${asName}`];
}

/** One text a prefix; several ASes of one prefix share its text. */
function originTexts(origins: readonly WorldOrigin[]): string[] {
  const byPrefix = new Map<string, WorldOrigin[]>();
  for (const origin of origins) {
    byPrefix.set(origin.prefix, [...byPrefix.get(origin.prefix) ?? [], origin]);
  }
  return [...byPrefix].map(([prefix, group]) => {
    const [first] = group;
    const asns = group.map(({ asn }) => asn).join(" ");
    return `${asns} | ${prefix} | ${first!.countryCode} | ${first!.registry} | ${first!.allocated}`;
  });
}

function rotate<T>(items: readonly T[], turn: number): T[] {
  const start = turn % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

/** The address that a reversed name asks about, canonical; null for other names. */
function readReverseName(name: string): string | null {
  const ipv4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.origin\.asn\.cymru\.com$/.exec(name);
  if (ipv4 !== null) {
    const bytes = ipv4.slice(1, 5).reverse().map(Number);
    return bytes.every((byte) => byte < 256) ? bytes.join(".") : null;
  }
  const ipv6 = /^((?:[0-9a-f]\.){1,32})origin6\.asn\.cymru\.com$/.exec(name);
  if (ipv6 === null) return null;
  // A shorter name asks about a network: the missing nibbles are zero.
  const nibbles = ipv6[1]!.split(".").filter(Boolean).reverse().join("").padEnd(32, "0");
  return formatAddress(Uint8Array.from(Buffer.from(nibbles, "hex")));
}
