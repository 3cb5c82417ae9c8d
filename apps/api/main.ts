/** The HTTP door's entry: runs on Deno, Bun and Node (through tsx). */
import { createStderrLog, openStopSignals, readProcessSettings } from "@ipcascade/platform";
import { serveApi } from "./serve.ts";

const settings = readProcessSettings();
const log = createStderrLog({ level: "info" });
using signals = openStopSignals();
const { stop, abort } = signals;
await serveApi({
  settings,
  log,
  stop,
  abort,
  onListen: (address) => log.info("The API listens", { address }),
});
