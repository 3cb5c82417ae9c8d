#!/usr/bin/env -S npx -y deno@2.9.6 run -A -q
/** The command's entry: runs on Deno, Bun and Node (through tsx). */
import { openTerminal } from "@ipcascade/platform/offline";
import { runCli } from "./cli.ts";

const terminal = openTerminal();
await terminal.exit(await runCli(terminal.args, terminal));
