import {
  classifyScope,
  type CowrieEvent,
  parseAddress,
  quoteInput,
  type SessionEvent,
  type SessionFragment,
} from "@ipcascade/core";

interface OpenStretch {
  sourceIp: string | null;
  inInventory: boolean;
  startedAtUs: number | null;
  endedAtUs: number | null;
  durationMs: number | null;
  firstUs: number;
  lastUs: number;
  /** True once time went back: from here on events may be ones that were read before. */
  isReplayed: boolean;
  readonly counted: SessionEvent[];
}

/** Bounds of what is held in memory. */
export interface FragmentLimits {
  /** Closed sessions that are delivered together. */
  readonly batchSessions: number;
  /** Sessions under way; beyond, the oldest are delivered unfinished. */
  readonly maxOpen: number;
  /** Countable events of one session; beyond, what there is of it is delivered. */
  readonly maxEvents: number;
}

/** Some 20 MB at most. */
export const DEFAULT_FRAGMENT_LIMITS: FragmentLimits = {
  batchSessions: 2_000,
  maxOpen: 20_000,
  maxEvents: 5_000,
};

const KINDS: ReadonlyMap<string, SessionEvent["kind"]> = new Map([
  ["cowrie.login.success", "login"],
  ["cowrie.login.failed", "login"],
  ["cowrie.command.input", "command"],
  ["cowrie.session.file_download", "download"],
]);

/** Collects the events of a log into one fragment a session, in bounded memory. */
export class FragmentCollector {
  readonly #limits: FragmentLimits;
  readonly #open = new Map<string, OpenStretch>();
  #ready: SessionFragment[] = [];

  constructor(limits: FragmentLimits = DEFAULT_FRAGMENT_LIMITS) {
    this.#limits = limits;
  }

  /** Adds one event; says what is wrong with its address, null when nothing is. */
  add(event: CowrieEvent): string | null {
    const stretch = this.#open.get(event.sessionId) ?? this.#begin(event);
    // Logs that overlap, or one that is named twice, bring a session's events again before it was delivered.
    if (event.atUs < stretch.lastUs) stretch.isReplayed = true;
    const kind = KINDS.get(event.eventId);
    if (kind !== undefined && !isKnown(stretch, event.atUs, kind)) {
      stretch.counted.push({ atUs: event.atUs, kind });
    }
    stretch.firstUs = Math.min(stretch.firstUs, event.atUs);
    stretch.lastUs = Math.max(stretch.lastUs, event.atUs);
    const problem = stretch.sourceIp === null ? setSource(stretch, event.sourceIp) : null;
    if (event.eventId === "cowrie.session.connect") stretch.startedAtUs = event.atUs;
    if (event.eventId === "cowrie.session.closed") {
      stretch.endedAtUs = event.atUs;
      stretch.durationMs = event.durationMs;
      this.#deliver(event.sessionId, stretch);
    } else if (stretch.counted.length >= this.#limits.maxEvents) this.#deliver(event.sessionId, stretch);
    return problem;
  }

  /** True when a batch is due. */
  get isFull(): boolean {
    return this.#ready.length >= this.#limits.batchSessions;
  }

  /** The fragments that are due. */
  take(): readonly SessionFragment[] {
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  /** Every fragment left, of sessions under way too. */
  takeAll(): readonly SessionFragment[] {
    this.endStretches();
    return this.take();
  }

  /**
   * Ends the stretches of sessions under way, where another log begins: it may tell the very last event again, which
   * within one stretch could as well be another of the same instant.
   */
  endStretches(): void {
    for (const [id, stretch] of this.#open) this.#deliver(id, stretch);
  }

  #begin(event: CowrieEvent): OpenStretch {
    if (this.#open.size >= this.#limits.maxOpen) {
      const [oldest] = this.#open;
      this.#deliver(oldest![0], oldest![1]);
    }
    const stretch: OpenStretch = {
      sourceIp: null,
      inInventory: false,
      startedAtUs: null,
      endedAtUs: null,
      durationMs: null,
      firstUs: event.atUs,
      lastUs: event.atUs,
      isReplayed: false,
      counted: [],
    };
    this.#open.set(event.sessionId, stretch);
    return stretch;
  }

  #deliver(sessionId: string, stretch: OpenStretch): void {
    this.#open.delete(sessionId);
    const { sourceIp, inInventory, startedAtUs, endedAtUs, durationMs, firstUs, lastUs, counted } = stretch;
    counted.push({ atUs: firstUs, kind: "other" }, { atUs: lastUs, kind: "other" });
    this.#ready.push({
      sessionId,
      sourceIp,
      inInventory,
      startedAtUs,
      endedAtUs,
      durationMs,
      events: counted,
    });
  }
}

function isKnown(stretch: OpenStretch, atUs: number, kind: SessionEvent["kind"]): boolean {
  if (!stretch.isReplayed || atUs > stretch.lastUs) return false;
  return stretch.counted.some((event) => event.atUs === atUs && event.kind === kind);
}

function setSource(stretch: OpenStretch, text: string | null): string | null {
  if (text === null) return null;
  const address = parseAddress(text);
  if (address === null) return `its "src_ip" ${quoteInput(text)} is no IP address`;
  stretch.sourceIp = address.text;
  stretch.inInventory = classifyScope(address) === "global";
  return null;
}
