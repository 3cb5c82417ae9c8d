import { randomAddresses } from "../addresses.ts";
import { exists } from "../framework/files.ts";
import type { BenchInputs } from "../framework/inputs.ts";
import { isInstalled, runProgram } from "../framework/processes.ts";
import { INSTALL, type Reference } from "./mod.ts";

/** A rate of requests that nginx answered, looked up and logged. */
export interface NginxLoad {
  /** Requests a second. */
  readonly rate: number;
  /** Requests in one second of processor time of its worker. */
  readonly ratePerCore: number;
}

/** nginx with the geoip2 module, serving on loopback until disposed. */
export interface Nginx extends AsyncDisposable {
  /** Loads it for some seconds. */
  measure(seconds: number): Promise<NginxLoad>;
}

const MODULES = [
  "/usr/lib/nginx/modules/ngx_http_geoip2_module.so",
  "/usr/lib64/nginx/modules/ngx_http_geoip2_module.so",
  "/usr/share/nginx/modules/ngx_http_geoip2_module.so",
] as const;
/** Distinct addresses that the requests carry. */
const ADDRESSES = 20_000;
/** Of USER_HZ in /proc, which is 100 on Linux whatever the kernel's own tick. */
const TICKS_A_SECOND = 100;

/** Starts nginx with one worker that looks a header's address up in City and logs what it found. */
export async function openNginx(inputs: BenchInputs, city: string): Promise<Reference<Nginx>> {
  const module = await findModule();
  if (module === null || !await isInstalled("nginx", ["-v"]) || !await isInstalled("wrk", ["-v"])) {
    return { found: null, missing: `there is no nginx with geoip2, or no wrk: ${INSTALL}` };
  }
  const dir = inputs.join("nginx");
  await Deno.mkdir(dir, { recursive: true });
  const port = findFreePort();
  await Deno.writeTextFile(`${dir}/nginx.conf`, writeConfig({ dir, module, port, city }));
  await Deno.writeTextFile(`${dir}/spread.lua`, writeScript(randomAddresses(inputs.count(ADDRESSES), 3)));
  const child = new Deno.Command("nginx", {
    args: ["-c", `${dir}/nginx.conf`, "-p", dir, "-e", `${dir}/error.log`],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await awaitAnswer(port, child);
  const end = async () => {
    child.kill("SIGQUIT");
    await child.status;
    await Deno.remove(dir, { recursive: true });
  };
  return {
    found: {
      measure: (seconds) => measure({ dir, port, seconds, pid: child.pid }),
      [Symbol.asyncDispose]: end,
    },
  };
}

async function findModule(): Promise<string | null> {
  for (const path of MODULES) if (await exists(path)) return path;
  return null;
}

interface Config {
  readonly dir: string;
  readonly module: string;
  readonly port: number;
  readonly city: string;
}

function writeConfig({ dir, module, port, city }: Config): string {
  const user = Deno.uid() === 0 ? "user root;\n" : "";
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `${user}load_module ${module};
daemon off;
worker_processes 1;
pid ${dir}/nginx.pid;
error_log ${dir}/error.log;
events { worker_connections 256; }
http {
${temporary.map((name) => `  ${name}_temp_path ${dir}/${name};`).join("\n")}
  geoip2 ${city} {
    $geo_country source=$http_x_address country iso_code;
    $geo_city source=$http_x_address city names en;
    $geo_latitude source=$http_x_address location latitude;
    $geo_longitude source=$http_x_address location longitude;
  }
  log_format enriched '$http_x_address - $remote_user [$time_local] "$request" $status $body_bytes_sent '
    '"$http_referer" "$http_user_agent" $geo_country "$geo_city" $geo_latitude $geo_longitude';
  access_log ${dir}/access.log enriched buffer=64k;
  keepalive_requests 1000000;
  server {
    listen 127.0.0.1:${port};
    location / { return 204; }
  }
}
`;
}

function writeScript(addresses: readonly string[]): string {
  return `local addresses = {${addresses.map((address) => `"${address}"`).join(",")}}
local at = 0
request = function()
  at = at % #addresses + 1
  return wrk.format("GET", "/", {["X-Address"] = addresses[at]})
end
`;
}

async function awaitAnswer(port: number, child: Deno.ChildProcess): Promise<void> {
  let isOver = false;
  void child.status.then(() => isOver = true);
  for (;;) {
    try {
      await (await fetch(`http://127.0.0.1:${port}/`)).body?.cancel();
      return;
    } catch {
      if (isOver) throw new Error("nginx ended before it answered");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

interface Load {
  readonly dir: string;
  readonly port: number;
  readonly seconds: number;
  readonly pid: number;
}

async function measure({ dir, port, seconds, pid }: Load): Promise<NginxLoad> {
  // What the last round logged is of no use, and grows by tens of megabytes a second.
  await Deno.truncate(`${dir}/access.log`);
  const before = await readWorkerSeconds(pid);
  const args = ["-t1", "-c32", `-d${seconds}s`, "-s", `${dir}/spread.lua`, `http://127.0.0.1:${port}/`];
  const { stdout } = await runProgram({ command: "wrk", args });
  const used = await readWorkerSeconds(pid) - before;
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1] ?? NaN);
  return { rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1] ?? NaN), ratePerCore: requests / used };
}

/** Processor time of the worker so far, in seconds. */
async function readWorkerSeconds(pid: number): Promise<number> {
  const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
  const stat = await Deno.readTextFile(`/proc/${children.trim().split(" ")[0]}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

function findFreePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
