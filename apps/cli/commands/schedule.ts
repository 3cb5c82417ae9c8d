import type { CAC } from "cac";
import { VERSION } from "@ipcascade/core";
import { listNextTicks } from "@ipcascade/operations";
import { createNodeClock, createTimedLog, nextTick, openSchedule } from "@ipcascade/platform";
import { renderTimetable } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import { type RunCommand, takingNone } from "./command.ts";
import { givenUp, withStopSignals } from "./stop.ts";

/** Adds `schedule`. */
export function addCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  cli.command("schedule", "Run every job when it is due (SCHEDULE_…), until stopped")
    .example("  $ ipcascade schedule")
    .example('  $ SCHEDULE_BACK_UP="30 0 * * *" SCHEDULE_PRUNE=off ipcascade schedule')
    .action(takingNone(run(() =>
      withStopSignals(context, async ({ stop, abort }) => {
        const { attendJobs } = await import("@ipcascade/scheduler/attend");
        const { settings } = context;
        const log = createTimedLog(context.serverLog, createNodeClock());
        const { schedules } = settings;
        const schedule = openSchedule(settings, log, { version: VERSION });
        const onBegin = () => tellTimetable(context);
        const attending = attendJobs({ schedules, work: { log, schedule }, stop, onBegin });
        await Promise.race([attending, givenUp(abort, undefined)]);
        return EXIT.done;
      }, "ending what runs; once more ends at once")
    )));
}

/** Tells which jobs run when, and when next. */
export function tellTimetable(context: CliContext): void {
  const { schedules } = context.settings;
  context.tell(renderTimetable(listNextTicks({ schedules, clock: createNodeClock(), nextTick })));
}
