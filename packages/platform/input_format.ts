import { quoteInput, UsageError } from "@ipcascade/core";

/** How an input names its addresses. */
export type InputFormat =
  | { readonly kind: "auto" | "lines" | "cowrie" }
  /** A name of the header, or a number from 1. */
  | { readonly kind: "csv"; readonly column: string }
  /** A name, or names with dots between them. */
  | { readonly kind: "ndjson"; readonly field: string };

/** Reads the value of `--from`. Throws `UsageError`. */
export function parseInputFormat(text: string): InputFormat {
  if (text === "auto" || text === "lines" || text === "cowrie") return { kind: text };
  const [, kind, rest] = /^(csv|ndjson):(.+)$/s.exec(text) ?? [];
  if (kind === "csv") return { kind, column: rest!.trim() };
  if (kind === "ndjson") return { kind, field: rest!.trim() };
  throw new UsageError(
    `Cannot read --from ${quoteInput(text)}: allowed are auto, lines, cowrie, csv:COLUMN and ndjson:FIELD`,
  );
}
