/**
 * Installs what the product needs and leaves out what only tests and tools do: 200 MB in the place of 650 MB. For
 * images and Deno Deploy, where the checkout is thrown away: it changes `package.json`. Versions and checksums are
 * those of `deno.lock`.
 */
const IN_PLACE = "--in-place";
/** Which packages the product's own code never imports. */
const TOOLS_ONLY = ["package.json", "packages/testkit/package.json"];

async function leaveOut(file: string): Promise<void> {
  const { devDependencies: _, ...rest } = JSON.parse(await Deno.readTextFile(file));
  // The testkit is a member of the workspace, so that it has to stay, without what it stands on.
  const left = file === "package.json" ? rest : { ...rest, dependencies: {} };
  await Deno.writeTextFile(file, `${JSON.stringify(left, null, 2)}\n`);
}

if (Deno.args[0] !== IN_PLACE) {
  console.error(
    `Cannot install without "${IN_PLACE}": package.json is changed, which a working copy must not be`,
  );
  Deno.exit(2);
}
for (const file of TOOLS_ONLY) await leaveOut(file);
const { code } = await new Deno.Command(Deno.execPath(), { args: ["install", "-q"] }).output();
Deno.exit(code);
