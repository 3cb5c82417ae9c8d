import { DENO_RUN } from "@ipcascade/testkit";
import { CLI_MAIN, openCliWorld } from "../run_cli.ts";
import { Claims, type Evidence } from "./figures.ts";

/** How long it is looked at. */
export interface PrometheusScale {
  /** Scrapes that have to come in before Prometheus is asked, one each two seconds. */
  readonly scrapes: number;
}

const DOCS = new URL("../../docs/monitoring/", import.meta.url);
/** Whatever is not there by then does not come. */
const PATIENCE_MS = 30_000;

/** What Prometheus' own API says of a target, a rule and a series. */
interface Target {
  readonly health: string;
  readonly lastError: string;
  readonly lastScrapeDuration: number;
}
interface Rule {
  readonly name: string;
  readonly health: string;
  readonly state: string;
}
interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** A real Prometheus scrapes the served API with a token in a file, loads the rules, and answers about it. */
export async function provePrometheus({ scrapes }: PrometheusScale): Promise<Evidence> {
  const claims = new Claims();
  await using world = await openCliWorld();
  const token = crypto.randomUUID().replaceAll("-", "");
  await using api = await serveApi({ ...world.env, PORT: "0", IPCASCADE_API_TOKENS: `read:${token}` });
  const headers = { authorization: `Bearer ${token}` };
  await (await fetch(`${api.address}/v1/ips/8.8.8.8?offline=1`, { headers })).text();
  await using prometheus = await startPrometheus(world.dir.join("prometheus"), {
    target: new URL(api.address).host,
    token,
  });
  const ask = <T>(path: string) => askPrometheus<T>(prometheus.address, path);
  const query = async (text: string) => {
    const { result } = await ask<{ readonly result: readonly Series[] }>(
      `/api/v1/query?query=${encodeURIComponent(text)}`,
    );
    return result;
  };

  const targets = () => ask<{ readonly activeTargets: readonly Target[] }>("/api/v1/targets");
  const isUp = async () => (await targets()).activeTargets[0]?.health === "up";
  claims.check(await comesTrue(isUp), "the target is not up");
  const enough = async () => {
    const [found] = await query('sum_over_time(up{job="ipcascade"}[10m])');
    return Number(found?.value[1] ?? 0) >= scrapes;
  };
  claims.check(await comesTrue(enough), "it was not scraped often enough");
  const [target] = (await targets()).activeTargets;
  claims.check(target?.lastError === "", `the last scrape failed: ${target?.lastError}`);

  const version = (await query("ipcascade_build_info"))[0]?.metric.version;
  claims.check(version === "0.1.0", `build_info says ${version}`);
  const values: Record<string, string> = {};
  for (
    const [name, text, isRight] of [
      ["database up", "ipcascade_database_up", (value: number) => value === 1],
      ["quota left", "ipcascade_quota_remaining", (value: number) => value === 10_000],
      ["editions", "count(ipcascade_edition_build_timestamp_seconds)", (value: number) => value === 2],
      ["rows counted", "ipcascade_inventory_rows", (value: number) => value === 0],
      [
        "requests a second",
        'sum(rate(ipcascade_http_requests_total{route="/metrics"}[1m]))',
        (value: number) => value > 0,
      ],
      [
        "a scrape, median in s",
        'quantile_over_time(0.5, scrape_duration_seconds{job="ipcascade"}[10s])',
        (value: number) => value > 0 && value < 0.5,
      ],
    ] as const
  ) {
    const found = (await query(text))[0]?.value[1] ?? "nothing";
    values[name] = found;
    claims.check(isRight(Number(found)), `${name} is ${found}`);
  }

  const rules = async () =>
    (await ask<{ readonly groups: readonly { readonly rules: readonly Rule[] }[] }>("/api/v1/rules"))
      .groups.flatMap((group) => group.rules);
  claims.check(
    await comesTrue(async () => (await rules()).every(({ health }) => health === "ok")),
    "a rule can't be evaluated",
  );
  const loaded = (await rules()).length;
  claims.check(loaded > 20, `${loaded} rules are loaded`);
  const panels = await askPanels(prometheus.address);
  claims.check(panels.refused.length === 0, `Prometheus can't read ${panels.refused[0]}`);
  claims.check(panels.answered >= 28, `${panels.answered} expressions of the dashboard have an answer`);

  const leaks = (await query('{__name__=~"ipcascade_.+"}')).filter((one) =>
    JSON.stringify(one).includes(token) || JSON.stringify(one).includes("8.8.8.8")
  );
  claims.check(leaks.length === 0, `a token or an address is in ${JSON.stringify(leaks[0])}`);

  await api[Symbol.asyncDispose]();
  const isDown = async () => (await query('up{job="ipcascade"} == 0')).length === 1;
  claims.check(await comesTrue(isDown), "the target is still up after the server's end");
  const isPending = async () =>
    (await rules()).some(({ name, state }) => name === "IpcascadeAbsent" && state !== "inactive");
  claims.check(await comesTrue(isPending), "nobody would be told that it is gone");
  return {
    conditions: `${prometheus.version}, scraping every two seconds with a bearer token, embedded database`,
    figures: {
      ...values,
      rules: loaded,
      "expressions of the dashboard": panels.asked,
      "of these with an answer": panels.answered,
      "last scrape, in s": Math.round((target?.lastScrapeDuration ?? 0) * 1e4) / 1e4,
    },
    broken: claims.broken,
  };
}

/** Asks everything that the dashboard asks. */
async function askPanels(address: string) {
  const { panels } = JSON.parse(await Deno.readTextFile(new URL("ipcascade-dashboard.json", DOCS)));
  const exprs = (panels as readonly { readonly targets?: readonly { readonly expr: string }[] }[])
    .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  const refused: string[] = [];
  let answered = 0;
  for (const expr of exprs) {
    const text = expr.replaceAll("$job", "ipcascade").replaceAll("$instance", ".*")
      .replaceAll("$__rate_interval", "1m");
    const response = await fetch(`${address}/api/v1/query?query=${encodeURIComponent(text)}`);
    const { status, data } = await response.json();
    if (status !== "success") refused.push(expr);
    else if (data.result.length > 0) answered++;
  }
  return { asked: exprs.length, answered, refused };
}

async function serveApi(env: Readonly<Record<string, string>>) {
  const { PATH = "", HOME = "" } = Deno.env.toObject();
  const child = new Deno.Command(Deno.execPath(), {
    args: [...DENO_RUN, CLI_MAIN, "serve"],
    env: { PATH, HOME, ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const { line: address, drained } = await findLine(child.stderr, /listens on (http:\/\/[^\s,:]+:\d+)/);
  return { address, [Symbol.asyncDispose]: once(() => end(child, drained)) };
}

async function startPrometheus(dir: string, { target, token }: { target: string; token: string }) {
  await Deno.mkdir(dir);
  const config = (await Deno.readTextFile(new URL("prometheus.yml", DOCS)))
    .replaceAll("30s", "2s").replace("scrape_timeout: 10s", "scrape_timeout: 2s")
    .replace("/etc/prometheus/ipcascade.token", `${dir}/ipcascade.token`)
    .replace("127.0.0.1:8080", target);
  await Deno.writeTextFile(`${dir}/ipcascade.token`, token, { mode: 0o400 });
  await Deno.writeTextFile(`${dir}/prometheus.yml`, config);
  await Deno.copyFile(new URL("rules.yml", DOCS), `${dir}/rules.yml`);
  const port = findFreePort();
  const child = new Deno.Command("prometheus", {
    args: [
      `--config.file=${dir}/prometheus.yml`,
      `--storage.tsdb.path=${dir}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const { line: version, drained } = await findLine(child.stderr, /version="\(version=([^,]+),/);
  await findReady(`http://127.0.0.1:${port}/-/ready`);
  return {
    version: `Prometheus ${version}`,
    address: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => end(child, drained),
  };
}

async function findReady(url: string): Promise<void> {
  const isReady = async () => {
    const response = await fetch(url).catch(() => null);
    await response?.body?.cancel();
    return response?.ok === true;
  };
  if (!await comesTrue(isReady)) throw new Error("Prometheus is not ready");
}

function findFreePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Reads a stream to its end, and gives the first group of the first line that matches. */
async function findLine(
  stream: ReadableStream<Uint8Array>,
  pattern: RegExp,
): Promise<{ readonly line: string; readonly drained: Promise<void> }> {
  const found = Promise.withResolvers<string>();
  let text = "";
  const drained = stream.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write: (chunk) => {
        text += chunk;
        const match = pattern.exec(text);
        if (match !== null) found.resolve(match[1]!);
      },
    }),
  ).finally(() => found.reject(new Error(`It ended: ${text.slice(-2_000)}`)));
  return { line: await found.promise, drained };
}

async function askPrometheus<T>(address: string, path: string): Promise<T> {
  const response = await fetch(address + path);
  const { data } = await response.json();
  return data as T;
}

async function comesTrue(check: () => Promise<boolean>): Promise<boolean> {
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    if (await check()) return true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
}

async function end(child: Deno.ChildProcess, drained: Promise<void>): Promise<void> {
  child.kill("SIGTERM");
  await child.status;
  await drained;
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => done ??= work();
}
