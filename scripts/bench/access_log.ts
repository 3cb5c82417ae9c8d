import { FakeRandom } from "@ipcascade/testkit";
import { randomAddresses } from "./addresses.ts";

/** What log to make up. */
export interface AccessLogOptions {
  readonly lines: number;
  /** Distinct clients. */
  readonly visitors: number;
  readonly seed?: number;
}

const PATHS = [
  "/",
  "/index.html",
  "/robots.txt",
  "/wp-login.php",
  "/assets/app.js?v=20261120",
  "/api/v1/items?limit=50&offset=100",
  "/favicon.ico",
  "/images/header-1920.webp",
  "/xmlrpc.php",
  "/feed/atom.xml",
] as const;
const AGENTS = [
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
  "curl/8.11.0",
  "python-requests/2.32.3",
  "-",
] as const;
const REFERRERS = [
  "-",
  "-",
  "-",
  "https://www.example.com/",
  "https://search.example/?q=who+is+this",
] as const;
const STATUSES = [200, 200, 200, 200, 304, 301, 404, 403, 500] as const;
/** Lines a second of the log's own time. */
const PER_SECOND = 50;
const STARTED_AT = Date.UTC(2026, 10, 20);
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * An access log in nginx's combined format, in pieces of whole lines. The visitor of rank r comes about 1/r as often
 * as the first one, as in Zipf's law.
 */
export function* writeAccessLog(options: AccessLogOptions): Generator<string> {
  const { lines, visitors, seed = 1 } = options;
  const random = new FakeRandom(seed);
  const addresses = randomAddresses(visitors, seed);
  const tails = Array.from({ length: 5_000 }, () => inventTail(random));
  let [piece, stamp] = ["", ""];
  for (let line = 0; line < lines; line++) {
    if (line % PER_SECOND === 0) stamp = formatStamp(STARTED_AT + line / PER_SECOND * 1_000);
    const rank = Math.floor(visitors ** random.next()) - 1;
    piece += `${addresses[rank]} - - [${stamp}] ${tails[random.below(tails.length)]}`;
    if (piece.length < 1_000_000) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

function inventTail(random: FakeRandom): string {
  const request = `${random.below(10) === 0 ? "POST" : "GET"} ${random.pick(PATHS)} HTTP/1.1`;
  const size = random.below(50_000);
  return `"${request}" ${random.pick(STATUSES)} ${size} "${random.pick(REFERRERS)}" "${
    random.pick(AGENTS)
  }"\n`;
}

/** As nginx writes `$time_local` in UTC. */
function formatStamp(ms: number): string {
  const [date, time] = new Date(ms).toISOString().split("T") as [string, string];
  const [year, month, day] = date.split("-") as [string, string, string];
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
}
