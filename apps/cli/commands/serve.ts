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
        const { settings, serverLog: log } = context;
        await serveApi({
          settings,
          log,
          stop,
          abort,
          onListen: (address) => context.tell(describeListening(address)),
        });
        return EXIT.done;
      }, "finishing the requests in flight; once more gives them up")
    )));
}

/** Says where the dashboard and the reference are; a place that stands for all of them can't be opened in a browser. */
function describeListening(address: string): string {
  const open = address.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
  return `The API listens on ${address}; dashboard: ${open}/, reference: ${open}/docs`;
}
