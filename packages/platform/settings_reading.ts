/** What became of reading one value: the value, or what would have been allowed. */
export type Reading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly allowed: string };

/** A reading that succeeded. */
export function accept<Value>(value: Value): Reading<Value> {
  return { ok: true, value };
}

/** A reading that failed; `allowed` continues the sentence "allowed is …" and never holds the value. */
export function refuse(allowed: string): { readonly ok: false; readonly allowed: string } {
  return { ok: false, allowed };
}
