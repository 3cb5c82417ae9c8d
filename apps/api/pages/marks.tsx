/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";
import { formatMinute, type Grade, MS_PER_MINUTE } from "@ipcascade/core";
import { formatAge } from "@ipcascade/render";

/** What people call grades. */
export const GRADE_WORDS: Readonly<Record<Grade, string>> = {
  ok: "OK",
  info: "Info",
  warning: "Warning",
  critical: "Critical",
  unknown: "Unknown",
};

/** A shape for each grade, so that colour is never all there is: drawn in a square of 16. */
const SHAPES: Readonly<Record<Grade, { readonly body: string; readonly sign: string }>> = {
  ok: { body: "M8 0a8 8 0 1 0 0 16A8 8 0 0 0 8 0Z", sign: "M4.4 8.3l2.5 2.5 4.8-5.2" },
  info: {
    body: "M3 0h10a3 3 0 0 1 3 3v10a3 3 0 0 1-3 3H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3Z",
    sign: "M8 7.2v5M8 3.9v.4",
  },
  warning: { body: "M8 0.6L16 15.2H0Z", sign: "M8 5.6v4.4M8 12.6v.4" },
  critical: { body: "M4.8 0h6.4L16 4.8v6.4L11.2 16H4.8L0 11.2V4.8Z", sign: "M5 5l6 6M11 5l-6 6" },
  unknown: {
    body: "M8 0l8 8-8 8-8-8Z",
    sign: "M5 8h6",
  },
};

/** A grade as shape, colour and word; `quiet` leaves the word to screen readers. */
export function Mark({ grade, quiet = false }: { readonly grade: Grade; readonly quiet?: boolean }) {
  const { body, sign } = SHAPES[grade];
  return (
    <span class={`mark ${grade}`}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
        <path class="body" d={body} />
        <path class="sign" d={sign} />
      </svg>
      <span class={quiet ? "unseen" : ""}>{GRADE_WORDS[grade]}</span>
    </span>
  );
}

/** An instant in UTC; a dash where there is none. */
export function When({ at }: { readonly at: string | null }) {
  return at === null ? <span>–</span> : <time datetime={at}>{formatMinute(at)}</time>;
}

/** How long ago something was, or when it comes, as of `now`. */
export function Ago({ at, now }: { readonly at: string | null; readonly now: number }) {
  if (at === null) return <span>never</span>;
  const ms = Date.parse(at);
  if (Math.abs(now - ms) < MS_PER_MINUTE) {
    return <time datetime={at} title={formatMinute(at)}>just now</time>;
  }
  const words = ms <= now ? `${formatAge(at, now)} ago` : `in ${formatAge(new Date(now).toISOString(), ms)}`;
  return <time datetime={at} title={formatMinute(at)}>{words}</time>;
}

/** What mends something: a command to copy, or a page of the documentation. */
export function Fix(
  { fix, id, children }: { readonly fix: string | null; readonly id: string; readonly children?: Child },
) {
  if (fix === null) return null;
  if (fix.startsWith("docs/")) return <p class="fix">See {fix} of the documentation</p>;
  return (
    <div class="fix">
      <code id={`fix-${id}`} data-copy="">{fix}</code>
      {children}
    </div>
  );
}

/** A share as a thin bar, for the eye alone: the figure is beside it. */
export function Bar({ percent }: { readonly percent: number }) {
  return (
    <svg
      class="bar"
      viewBox="0 0 100 6"
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      <rect class="rail" width="100" height="6" />
      <rect class="value" width={Math.max(0, Math.min(100, percent)).toFixed(2)} height="6" />
    </svg>
  );
}
