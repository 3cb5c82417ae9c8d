/** A statement that waits for a lock, and who holds it. Instants are milliseconds since 1970 UTC. */
export interface LockWait {
  readonly waitingPid: number;
  readonly waitingStatement: string;
  readonly waitedMs: number;
  readonly blockingPid: number;
  /** Its statement's begin, up to the first literal: the last one it ran where it runs none. */
  readonly blockingStatement: string;
  /** Such as `active` or `idle in transaction`. */
  readonly blockingState: string;
  /** Since when its transaction is open; null where the server does not tell. */
  readonly blockingSince: number | null;
}

/** A statement that has been running for long. */
export interface SlowStatement {
  readonly pid: number;
  /** Its begin, up to the first literal. */
  readonly statement: string;
  readonly runningMs: number;
}

/** Sessions of a server, those of all its databases together unless said otherwise. */
export interface ConnectionUse {
  /** Sessions that the server allows ordinary users. */
  readonly limit: number;
  readonly open: number;
  /** This program's sessions in this database, the one that asks left out. */
  readonly own: number;
  /** Those of `own` that are busy. */
  readonly ownBusy: number;
}

/** What keeps this program from writing. */
export interface WriteBar {
  /** `standby` a server in recovery, `read_only` transactions that are read-only, `privileges` those of the user. */
  readonly reason: "standby" | "read_only" | "privileges";
  /** One sentence, without a capital. */
  readonly message: string;
}

/** What a database says about itself. Lists are bounded. Methods throw `StoreError`. */
export interface DatabaseActivity {
  /** Asks for nothing, there and back. */
  ping(): Promise<void>;
  /** Null when it can be written to. Writes nothing. */
  findWriteBar(): Promise<WriteBar | null>;
  /** Null for the embedded database, which has one session. */
  listLockWaits(): Promise<readonly LockWait[] | null>;
  /** Statements that run for `minMs` or longer; null for the embedded database. */
  listSlowStatements(minMs: number): Promise<readonly SlowStatement[] | null>;
  /** Null for the embedded database. */
  readConnections(): Promise<ConnectionUse | null>;
}

const MAX_SHOWN = 80;

/** What may hold data: strings, dollar quotes, comments. */
const FIRST_LITERAL = /'|\$(?:[^\s$\d][^\s$]*)?\$|--|\/\*/;

/** The begin of a statement that is safe to show: up to the first literal, numbers masked, on one line. */
export function beginOfStatement(text: string): string {
  const literal = FIRST_LITERAL.exec(text);
  const start = (literal === null ? text : text.slice(0, literal.index))
    .replace(/\s+/g, " ").trim().replace(/(?<![\w$])\d[\w.]*/g, "?");
  const isCut = literal !== null || start.length > MAX_SHOWN;
  return isCut ? `${start.slice(0, MAX_SHOWN).trimEnd()} …` : start;
}
