/** One thing that every implementation of a port does. */
export interface ContractCase<Subject> {
  readonly name: string;
  readonly run: (subject: Subject) => Promise<void>;
}

/** What `Deno.TestContext` offers for steps. */
export interface StepRunner {
  step(name: string, run: () => Promise<void>): Promise<boolean>;
}

/** Runs a contract as steps of one test. `open` gives an empty implementation each time. */
export async function runContract<Subject>(
  runner: StepRunner,
  cases: readonly ContractCase<Subject>[],
  open: () => Promise<Subject>,
): Promise<void> {
  for (const { name, run } of cases) await runner.step(name, async () => run(await open()));
}
