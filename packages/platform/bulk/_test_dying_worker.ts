/** A worker that dies at its second chunk, some of which it has handed over. */
import process from "node:process";
import { parentPort } from "node:worker_threads";
import "./worker.ts";

let chunks = 0;
parentPort!.on("message", ({ kind }: { readonly kind: string }) => {
  if (kind === "chunk" && ++chunks === 2) process.exit(3);
});
