import { assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

/** Libraries of which one alone takes a good part of a start. */
const HEAVY =
  /^(@electric-sql\/pglite|@hono\/.*|age-encryption|echarts|hono|nodemailer|pg-boss|postgres|undici|zod)$/;

/** What a look-up in the installed editions uses of packages that know databases and providers. */
const OF_LOOKUP = /^(platform|operations)\/offline\.ts$|^render\/records\.ts$|^sources\/maxmind\/mod\.ts$/;

interface GraphModule {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier?: string };
    readonly isDynamic?: true;
  }[];
}

interface LoadOptions {
  /** With what literals in `import()` name: Deno reads it, although it runs later or never. */
  readonly isRead: boolean;
}

/** The files that Deno loads for a module of the command before it runs. */
async function listLoaded(path: string, { isRead }: LoadOptions): Promise<readonly string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--node-modules-dir=manual", path],
    cwd: new URL("apps/cli/", ROOT),
  }).output();
  const graph: { readonly roots: readonly string[]; readonly modules: readonly GraphModule[] } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  const modules = new Map(graph.modules.map((module) => [module.specifier, module]));
  const loaded = new Set<string>(graph.roots);
  // What is added on the way is walked, too.
  for (const specifier of loaded) {
    for (const { code, isDynamic } of modules.get(specifier)?.dependencies ?? []) {
      if (code?.specifier !== undefined && (isRead || isDynamic !== true)) loaded.add(code.specifier);
    }
  }
  return [...loaded];
}

/** Names of the libraries among files. */
function listLibraries(files: readonly string[]): string[] {
  const names = files.map((file) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

/** Entries of packages among files. */
function listEntries(files: readonly string[]): string[] {
  return files.filter((file) => file.startsWith(`${ROOT}packages/`))
    .map((file) => file.slice(`${ROOT}packages/`.length))
    .filter((file) => /^\w+\/mod\.ts$/.test(file) || OF_LOOKUP.test(file))
    .sort();
}

Deno.test("what every command loads, and lookup, are parts of packages without database, providers or libraries", async () => {
  const [main, lookup] = await Promise.all(
    ["main.ts", "commands/lookup.ts"].map((path) => listLoaded(path, { isRead: true })),
  );
  assertEquals(listLibraries(main!), ["cac"]);
  assertEquals(listLibraries(lookup!), []);
  const entries = [
    "core/mod.ts",
    "operations/offline.ts",
    "platform/offline.ts",
    "render/records.ts",
    "sources/maxmind/mod.ts",
  ];
  assertEquals(listEntries(main!), entries);
  assertEquals(listEntries(lookup!), entries);
});

Deno.test("no command loads a heavy library before it needs it", async () => {
  const paths = ["coverage", "enrich", "health", "jobs", "serve"].map((name) => `commands/${name}.ts`);
  for (const path of paths) {
    const libraries = listLibraries(await listLoaded(path, { isRead: false }));
    assertEquals(libraries.filter((name) => HEAVY.test(name)), [], path);
  }
});
