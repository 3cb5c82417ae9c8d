import type { CAC } from "cac";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import type { RunCommand } from "./command.ts";
import { withStopSignals } from "./stop.ts";

/** Adds `lab`. */
export function addCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  const command = cli.command("lab", "Run stand-ins of all providers on loopback until stopped");
  const work = run(() =>
    withStopSignals(context, async ({ stop }) => {
      const { openLab } = await import("@ipcascade/testkit/lab");
      await using lab = await openLab();
      const lines = Object.entries(lab.env).map(([name, value]) => `export ${name}=${value}\n`);
      await context.stdout.write(lines.join(""));
      await context.stdout.flush();
      context.tell(
        `The lab runs until it is stopped. What it received: GET ${lab.controlUrl}/requests; ` +
          `faults: POST ${lab.controlUrl}/faults`,
      );
      await new Promise<void>((resolve) => {
        if (stop.aborted) resolve();
        else stop.addEventListener("abort", () => resolve(), { once: true });
      });
      return EXIT.done;
    }, "the lab closes")
  );
  command.action((flags: Record<string, unknown>) => work([], flags));
}
