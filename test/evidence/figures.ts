/** What a piece of evidence found: named figures under stated conditions, and the claims that did not hold. */
export interface Evidence {
  readonly conditions: string;
  readonly figures: Readonly<Record<string, number | string>>;
  /** Empty when everything that was claimed was seen. */
  readonly broken: readonly string[];
}

/** Collects claims. */
export class Claims {
  readonly broken: string[] = [];

  /** Notes a claim that does not hold. */
  check(holds: boolean, claim: string): void {
    if (!holds) this.broken.push(claim);
  }
}

/** Waits for a child's output as text, reading both streams. */
export async function finish(
  child: Deno.ChildProcess,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
