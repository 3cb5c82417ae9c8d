import type { SessionFragment } from "@ipcascade/core";

/** A closed stretch of time in microseconds since 1970 UTC. */
export interface Stretch {
  readonly firstUs: number;
  readonly lastUs: number;
}

/** What is known of one session. */
export interface SessionState {
  readonly sessionId: string;
  readonly sourceIp: string | null;
  readonly inInventory: boolean;
  readonly startedAtUs: number | null;
  readonly endedAtUs: number | null;
  readonly durationMs: number | null;
  readonly loginAttempts: number;
  readonly commands: number;
  readonly downloads: number;
  /** Stretches whose events are counted, ascending, apart from each other. */
  readonly covered: readonly Stretch[];
}

/** A session nothing is known of. */
export function emptySession(sessionId: string): SessionState {
  return {
    sessionId,
    sourceIp: null,
    inInventory: false,
    startedAtUs: null,
    endedAtUs: null,
    durationMs: null,
    loginAttempts: 0,
    commands: 0,
    downloads: 0,
    covered: [],
  };
}

/**
 * Adds a fragment to a session. Only events outside the covered stretches count, so that a fragment may come again
 * and fragments may overlap, in any order. Returns the same object when the fragment brings nothing new.
 */
export function mergeFragment(state: SessionState, fragment: SessionFragment): SessionState {
  const stretch = stretchOf(fragment);
  const merged: SessionState = {
    ...state,
    sourceIp: state.sourceIp ?? fragment.sourceIp,
    inInventory: state.sourceIp === null ? fragment.inInventory : state.inInventory,
    startedAtUs: pick(Math.min, state.startedAtUs, fragment.startedAtUs),
    endedAtUs: pick(Math.max, state.endedAtUs, fragment.endedAtUs),
    durationMs: pick(Math.max, state.durationMs, fragment.durationMs),
  };
  if (covers(state.covered, stretch)) return isSame(state, merged) ? state : merged;
  const fresh = fragment.events.filter(({ atUs }) => !covers(state.covered, { firstUs: atUs, lastUs: atUs }));
  const count = (kind: string) => fresh.filter((event) => event.kind === kind).length;
  return {
    ...merged,
    loginAttempts: state.loginAttempts + count("login"),
    commands: state.commands + count("command"),
    downloads: state.downloads + count("download"),
    covered: addStretch(state.covered, stretch),
  };
}

/** The first and the last instant known of a session. */
export function extentOf(state: SessionState): Stretch {
  return { firstUs: state.covered[0]!.firstUs, lastUs: state.covered.at(-1)!.lastUs };
}

function stretchOf(fragment: SessionFragment): Stretch {
  if (fragment.events.length === 0) {
    throw new TypeError(`Cannot import session "${fragment.sessionId}": its fragment has no event`);
  }
  let [firstUs, lastUs] = [Infinity, -Infinity];
  for (const { atUs } of fragment.events) {
    firstUs = Math.min(firstUs, atUs);
    lastUs = Math.max(lastUs, atUs);
  }
  return { firstUs, lastUs };
}

function covers(covered: readonly Stretch[], stretch: Stretch): boolean {
  return covered.some(({ firstUs, lastUs }) => firstUs <= stretch.firstUs && stretch.lastUs <= lastUs);
}

function addStretch(covered: readonly Stretch[], added: Stretch): readonly Stretch[] {
  const touching = covered.filter(({ firstUs, lastUs }) =>
    firstUs <= added.lastUs && added.firstUs <= lastUs
  );
  const joined = {
    firstUs: Math.min(added.firstUs, ...touching.map(({ firstUs }) => firstUs)),
    lastUs: Math.max(added.lastUs, ...touching.map(({ lastUs }) => lastUs)),
  };
  const apart = covered.filter((stretch) => !touching.includes(stretch));
  return [...apart, joined].sort((left, right) => left.firstUs - right.firstUs);
}

function pick(choose: (a: number, b: number) => number, left: number | null, right: number | null) {
  if (left === null || right === null) return left ?? right;
  return choose(left, right);
}

function isSame(left: SessionState, right: SessionState): boolean {
  return left.sourceIp === right.sourceIp && left.inInventory === right.inInventory &&
    left.startedAtUs === right.startedAtUs && left.endedAtUs === right.endedAtUs &&
    left.durationMs === right.durationMs;
}
