import type { CAC } from "cac";
import { CATCH_UP_MS, createNodeClock, createTimedLog, type OpenOperations } from "@ipcascade/platform";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import { readSwitch } from "../flags.ts";
import { type RunCommand, takingNone } from "./command.ts";
import { tellTimetable } from "./schedule.ts";
import { type RunSignals, withStopSignals } from "./stop.ts";

/**
 * Deno reads what a literal in `import()` names when the program starts, for commands that don't use it, too: the API and
 * its libraries would add 0.2 s to the start of each.
 */
const API = "@ipcascade/api/serve";

/** Adds `serve`. */
export function addCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  cli.command("serve", "Serve the HTTP API and the dashboard until stopped (HOST, PORT)")
    .option("--schedule", "Run every job when it is due as well, as ipcascade schedule does")
    .example("  $ ipcascade serve")
    .example("  $ ipcascade serve --schedule")
    .example("  $ PORT=9090 ipcascade serve")
    .action(takingNone(run((_inputs, flags) =>
      withStopSignals(
        context,
        (signals) => serve(context, signals, readSwitch(flags, "schedule")),
        "finishing the requests in flight; once more gives them up",
      )
    )));
}

async function serve(context: CliContext, signals: RunSignals, withSchedule: boolean): Promise<number> {
  const { serveApi } = await import(API) as typeof import("@ipcascade/api/serve");
  const { settings, serverLog: log } = context;
  const failed = new AbortController();
  const stop = AbortSignal.any([signals.stop, failed.signal]);
  await serveApi({
    settings,
    log,
    stop,
    abort: signals.abort,
    onListen: (address, operations) => {
      context.tell(describeListening(address));
      if (withSchedule) attend(operations, context, stop).catch((error) => failed.abort(error));
    },
  });
  if (failed.signal.aborted) throw failed.signal.reason;
  return EXIT.done;
}

/** The timer door on the operations of the other one; what runs is ended with them. */
async function attend(operations: OpenOperations, context: CliContext, stop: AbortSignal): Promise<void> {
  const { attendJobs } = await import("@ipcascade/scheduler/attend");
  const { settings } = context;
  const log = createTimedLog(context.serverLog, createNodeClock());
  const schedule = {
    runTick: operations.runTick,
    catchUp: operations.catchUp,
    settle: operations.settle,
    catchUpMs: CATCH_UP_MS,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const onBegin = () => tellTimetable(context);
  await attendJobs({ schedules: settings.schedules, work: { log, schedule }, stop, onBegin });
}

/** Says where the dashboard and the reference are; a place that stands for all of them can't be opened in a browser. */
function describeListening(address: string): string {
  const open = address.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
  return `The API listens on ${address}; dashboard: ${open}/, reference: ${open}/docs`;
}
