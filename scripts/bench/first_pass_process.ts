/** Opens a City edition, looks every address of a file up once, and prints the hits and how many seconds it all took. */
import { readWholeFile } from "../../packages/platform/whole_file.ts";
import { lookUpAll, openOurCity } from "./our_lookup.ts";

const [city, list] = Deno.args;
const texts = (await Deno.readTextFile(list!)).trimEnd().split("\n");
const started = performance.now();
const hits = lookUpAll(openOurCity(await readWholeFile(city!)), texts);
const seconds = (performance.now() - started) / 1_000;
console.log(`${hits} ${seconds}`);
