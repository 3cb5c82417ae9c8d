import {
  type Alert,
  type AlertGrade,
  alertGrade,
  type AlertKind,
  type AlertObservation,
  type AlertState,
} from "@ipcascade/core";

/** Longer texts are cut: they are read on a phone, and chats refuse long ones. */
const MAX_TITLE = 120;
const MAX_MESSAGE = 1_000;

/** The message about an observation of which it is known what was told before. */
export function composeAlert(
  observation: AlertObservation,
  { kind, state, host, isLocal }: AlertContext,
): Alert {
  const { toldGrade, toldAt, since } = state;
  // What was never told is not said to have been well: perhaps nobody looked.
  const previousGrade = toldAt === null ? null : toldGrade;
  const remark = isLocal ? LOCAL : null;
  const texts = composeTexts(sayWhatIsOver(observation, previousGrade), host);
  return { ...texts, kind, previousGrade, since, remark };
}

/** `info` needs nobody, but is not all well, such as a job that left something out: its text alone would alarm. */
function sayWhatIsOver(observation: AlertObservation, previousGrade: AlertGrade | null): AlertObservation {
  if (observation.grade !== "info" || previousGrade === null || previousGrade === "ok") return observation;
  const over = `no longer ${previousGrade}: `;
  return { ...observation, title: over + observation.title, message: over + observation.message };
}

/** What is known besides the observation. */
export interface AlertContext {
  readonly kind: AlertKind;
  readonly state: AlertState;
  readonly host: string;
  /** Whether only this machine remembers. */
  readonly isLocal: boolean;
}

/** Why a message may come from several machines. */
const LOCAL = "The database can't be used: until it is back, each machine remembers by itself what it told.";

/** Why a message may come again. */
const UNREMEMBERED = "What was told before could not be read, so this may be told again at every check.";

/** The message about something bad when nobody knows what was told before; null when it is not bad. */
export function composeUnremembered(observation: AlertObservation, host: string): Alert | null {
  if (alertGrade(observation.grade) === "ok") return null;
  const texts = composeTexts(observation, host);
  return { ...texts, kind: "fire", previousGrade: null, since: null, remark: UNREMEMBERED };
}

/** The message that tries a notifier. */
export function composeTest(host: string, at: number): Alert {
  return {
    kind: "test",
    key: "test",
    grade: "ok",
    previousGrade: null,
    title: "alerts arrive here",
    message: 'This message was asked for with "ipcascade alerts test". Nothing happened.',
    fix: null,
    since: null,
    at,
    host,
    remark: null,
  };
}

function composeTexts(
  { key, grade, title, message, fix, at }: AlertObservation,
  host: string,
): Pick<Alert, "key" | "grade" | "title" | "message" | "fix" | "at" | "host"> {
  return {
    key,
    grade: alertGrade(grade),
    title: cut(title, MAX_TITLE),
    message: cut(message, MAX_MESSAGE),
    // What is well needs no mending.
    fix: alertGrade(grade) === "ok" ? null : fix,
    at,
    host,
  };
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
