import { type AnswerJudge, type Asked } from "./answer_judge.ts";
import type { ChaosAddress } from "./chaos_world.ts";
import { CutConnectionError, KeptConnection, type RawAnswer } from "./kept_connection.ts";
import { pass } from "./api_server.ts";
import { getRequest } from "./paced_load.ts";

/** Callers that ask until they are told to stop. */
export interface Callers {
  /** Resolves once each has its last answer. */
  stop(): Promise<void>;
  /** Connections that were refused, as when nobody listens. */
  readonly refused: number;
}

interface CallerParts {
  readonly port: number;
  readonly addresses: readonly ChaosAddress[];
  readonly judge: AnswerJudge;
}

/** What is asked about one address, by how many callers. */
const SINGLE = [
  { caller: "fresh", query: "", isOffline: false, count: 4 },
  // Selections of sources are not remembered: each reads the inventory.
  { caller: "inventory", query: "?sources=maxmind", isOffline: false, count: 4 },
  { caller: "offline", query: "?offline=1", isOffline: true, count: 4 },
] as const;
const STREAMS = [
  { caller: "stream", query: "", isOffline: false, count: 2 },
  { caller: "offline stream", query: "?offline=1", isOffline: true, count: 1 },
] as const;

/** Between an answer and the next question. */
const PAUSE_MS = 4;
/** A stream is sent in pieces, so that it lasts. */
const PIECES = 10;
const LINES_A_PIECE = 20;
const PIECE_PAUSE_MS = 30;
/** After a refused connection. */
const REFUSED_PAUSE_MS = 50;

/** Starts callers of every kind. */
export function startCallers(parts: CallerParts): Callers {
  const state = { isOver: false, refused: 0 };
  const running = [
    ...SINGLE.flatMap((kind) =>
      Array.from({ length: kind.count }, (_, i) => callSingle(kind, parts, state, i * 97))
    ),
    ...STREAMS.flatMap((kind) =>
      Array.from({ length: kind.count }, (_, i) => callStreams(kind, parts, state, i * 131))
    ),
  ];
  return {
    stop: async () => {
      state.isOver = true;
      await Promise.all(running);
    },
    get refused() {
      return state.refused;
    },
  };
}

interface CallerState {
  isOver: boolean;
  refused: number;
}

type Kind = (typeof SINGLE | typeof STREAMS)[number];

async function callSingle(kind: Kind, parts: CallerParts, state: CallerState, first: number): Promise<void> {
  const encoder = new TextEncoder();
  let connection: KeptConnection | null = null;
  for (let at = first; !state.isOver; at++) {
    connection ??= await connect(parts.port, state);
    if (connection === null) continue;
    const address = parts.addresses[at % parts.addresses.length]!;
    const request = encoder.encode(getRequest(`/v1/ips/${address.text}${kind.query}`));
    const isKept = await exchange(kind, parts.judge, () => connection!.ask(request), (asked, answer) => {
      parts.judge.judgeOne(asked, address, answer);
    });
    if (!isKept) {
      connection[Symbol.dispose]();
      connection = null;
    }
    await pass(PAUSE_MS);
  }
  connection?.[Symbol.dispose]();
}

async function callStreams(kind: Kind, parts: CallerParts, state: CallerState, first: number): Promise<void> {
  const size = PIECES * LINES_A_PIECE;
  for (let at = first; !state.isOver; at += size) {
    const connection = await connect(parts.port, state);
    if (connection === null) continue;
    const addresses = Array.from(
      { length: size },
      (_, i) => parts.addresses[(at + i) % parts.addresses.length]!,
    );
    await exchange(kind, parts.judge, () => stream(connection, kind.query, addresses), (asked, answer) => {
      judgeStream(parts.judge, asked, addresses, answer);
    });
    connection[Symbol.dispose]();
  }
}

/** One question and its answer; tells whether the connection can be kept. */
async function exchange(
  { caller, isOffline }: Kind,
  judge: AnswerJudge,
  ask: () => Promise<RawAnswer>,
  take: (asked: Asked, answer: RawAnswer) => void,
): Promise<boolean> {
  const startedAt = performance.now();
  const asked = () => ({ caller, isOffline, startedAt, endedAt: performance.now() });
  try {
    const answer = await ask();
    take(asked(), answer);
    return !/\r\nconnection: close/i.test(answer.head);
  } catch (error) {
    if (!(error instanceof CutConnectionError)) throw error;
    judge.judgeCut(asked(), error.hasBegun);
    return false;
  }
}

async function stream(
  connection: KeptConnection,
  query: string,
  addresses: readonly ChaosAddress[],
): Promise<RawAnswer> {
  const encoder = new TextEncoder();
  const head = `POST /v1/ips${query} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: text/plain\r\n` +
    "transfer-encoding: chunked\r\n\r\n";
  await connection.send(encoder.encode(head));
  const reading = connection.read();
  let isAnswered = false;
  reading.finally(() => isAnswered = true).catch(() => {});
  try {
    for (let at = 0; at < addresses.length && !isAnswered; at += LINES_A_PIECE) {
      const text = `${addresses.slice(at, at + LINES_A_PIECE).map((each) => each.text).join("\n")}\n`;
      await connection.send(encoder.encode(`${text.length.toString(16)}\r\n${text}\r\n`));
      await pass(PIECE_PAUSE_MS);
    }
    if (!isAnswered) await connection.send(encoder.encode("0\r\n\r\n"));
  } catch {
    // A refusal may come while the question is still sent: what was answered tells.
  }
  return await reading;
}

function judgeStream(
  judge: AnswerJudge,
  asked: Asked,
  addresses: readonly ChaosAddress[],
  answer: RawAnswer,
): void {
  if (answer.status !== 200) return judge.judgeProblem(asked, answer);
  const lines = new TextDecoder().decode(answer.body).split("\n");
  const isWholeLine = lines.pop() === "";
  const last = lines.at(-1) ?? "";
  const failure = last.startsWith('{"error":') ? JSON.parse(last).error : null;
  const records = failure === null ? lines : lines.slice(0, -1);
  for (const [i, line] of records.entries()) judge.judgeRecord(asked, addresses[i]!, line);
  if (!isWholeLine) return judge.judgeStream(asked, "ended within a line", false);
  if (failure === null) {
    return judge.judgeStream(asked, `200 whole`, records.length === addresses.length);
  }
  const isEnding = asked.endedAt >= judge.circumstances.endingFrom;
  judge.judgeStream(asked, `200 broken off: ${failure.code}`, isEnding || judge.mayFail(asked, failure.code));
}

async function connect(port: number, state: CallerState): Promise<KeptConnection | null> {
  try {
    return await KeptConnection.open(port);
  } catch {
    state.refused++;
    await pass(REFUSED_PAUSE_MS);
    return null;
  }
}
