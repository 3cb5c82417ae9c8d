import type { CAC } from "cac";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import { type RunCommand, takingNone } from "./command.ts";
import { withStopSignals } from "./stop.ts";

/** Adds `serve`. */
export function addServeCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  cli.command("serve", "Serve the HTTP API and the dashboard until stopped (HOST, PORT)")
    .example("  $ ipcascade serve")
    .example("  $ PORT=9090 ipcascade serve")
    .action(takingNone(run(() =>
      withStopSignals(context, async ({ stop, abort }) => {
        const { serveApi } = await import("@ipcascade/api/serve");
        const { settings, log } = context;
        await serveApi({
          settings,
          log,
          stop,
          abort,
          onListen: (address) =>
            context.tell(`The API listens on ${address}, its reference is ${address}/docs`),
        });
        return EXIT.done;
      }, "finishing the requests in flight; once more gives them up")
    )));
}
