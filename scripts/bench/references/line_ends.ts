/** Reference of the bench: reads a file as a stream of Deno and only finds where its lines end. Prints how many. */
const path = Deno.args[0];
if (path === undefined) Deno.exit(2);
const file = await Deno.open(path);
let lines = 0;
for await (const bytes of file.readable) {
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++;
}
console.log(lines);
