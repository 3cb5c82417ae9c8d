/** Directories of tests beside their sources. */
const BESIDE = ["packages", "apps", "scripts"] as const;
/** The whole product's tests. */
const WHOLE = "test";
/** The longest file of all: whatever else is in its lane is short. */
const LONGEST = "evidence_test.ts";

/** Thirds of the tests that take about the same time, by their paths. */
export async function listLanes(): Promise<
  readonly [readonly string[], readonly string[], readonly string[]]
> {
  const files = (await Array.fromAsync(Deno.readDir(WHOLE)))
    .map(({ name }) => name)
    .filter((name) => name.endsWith("_test.ts") && name !== LONGEST)
    .sort();
  const pathsOf = (names: readonly string[]) => names.map((name) => `${WHOLE}/${name}`);
  return [
    [...BESIDE, ...pathsOf(files.filter((name) => name >= "s"))],
    pathsOf(files.filter((name) => name < "h")),
    pathsOf([LONGEST, ...files.filter((name) => name >= "h" && name < "s")]),
  ];
}
