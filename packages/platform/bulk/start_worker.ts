import process from "node:process";
import { Worker } from "node:worker_threads";

/** Where tsx says how Node reads TypeScript. */
const TSX_LOADER = /\/tsx\/dist\/loader\.mjs$/;

/** Starts a thread on a module. Node's threads do not take tsx over from the process: the thread registers it itself. */
export function startWorker(module: URL): Worker {
  const loader = process.execArgv.find((argument) => TSX_LOADER.test(argument));
  if (loader === undefined) return new Worker(module);
  const api = new URL("./esm/api/index.mjs", loader).href;
  const script = `import(${JSON.stringify(api)})
    .then(({ register }) => register())
    .then(() => import(${JSON.stringify(module.href)}))`;
  return new Worker(script, { eval: true });
}
