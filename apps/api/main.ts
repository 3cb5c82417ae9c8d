/** The HTTP door's entry: runs on Deno, Bun and Node (through tsx). */
import process from "node:process";
import {
  createRedactor,
  createStderrLog,
  listSecrets,
  openStopSignals,
  readProcessSettings,
} from "@ipcascade/platform";
import { serveApi } from "./serve.ts";

const settings = readProcessSettings();
const log = createStderrLog({ level: "info", redact: createRedactor(listSecrets(settings)) });
using signals = openStopSignals();
const { stop, abort } = signals;
await serveApi({
  settings,
  log,
  stop,
  abort,
  onListen: (address) => log.info("The API listens", { address }),
});
// Whatever is still open was given up.
process.exit(signals.exitStatus ?? 0);
