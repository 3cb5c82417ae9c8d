/** Put in the place of a secret. */
const MASK = "***";

/** Shorter secrets are not searched for: they would mangle every text and hide nothing. */
const MIN_SEARCHED = 4;

/** Query parameters of a URL that hold secrets. */
const SECRET_PARAMETERS =
  /([?&](?:password|passwd|pass|sslpassword|token|key|api_key|license_key|secret)=)[^&#]*/gi;

/** Masks the password of a URL and the secret parameters of its query; other text is returned as it is. */
export function maskUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#@:]*):[^/?#]*@/i, `$1:${MASK}@`)
    .replace(SECRET_PARAMETERS, `$1${MASK}`);
}

/** The passwords inside a URL, both as written and decoded. */
export function listUrlSecrets(url: string): readonly string[] {
  const found: string[] = [];
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@:]*:([^/?#]*)@/i.exec(url)?.[1];
  if (password !== undefined) found.push(password, decode(password));
  for (const [whole, name] of url.matchAll(SECRET_PARAMETERS)) {
    const value = whole.slice(name!.length);
    found.push(value, decode(value));
  }
  return found;
}

function encode(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The value of a `Basic` authorization header, which is a secret in another spelling. */
export function basicCredentials(user: string, password: string): string {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return btoa(String.fromCharCode(...bytes));
}

/**
 * Makes a function that hides the secrets in any text, also where they are percent-encoded or escaped as in JSON.
 * Secrets under four characters are left alone.
 */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const spellings = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < MIN_SEARCHED) continue;
    for (const spelling of [secret, encode(secret), JSON.stringify(secret).slice(1, -1)]) {
      spellings.add(spelling);
    }
  }
  // The longest first, so that no rest of a longer one stays behind.
  const searched = [...spellings].sort((a, b) => b.length - a.length);
  return (text) => searched.reduce((rest, secret) => rest.replaceAll(secret, MASK), text);
}

/** Shorter parts of a URL, such as `hook`, are words of their own and no secrets. */
const MIN_PART = 8;

/** Long words in the addresses of services that take posts: to mask them would hide nothing but the text. */
const PLAIN_PARTS: ReadonlySet<string> = new Set([
  "automation",
  "callback",
  "channels",
  "connectors",
  "incoming",
  "incomingwebhook",
  "integrations",
  "ipcascade",
  "messages",
  "monitoring",
  "notifications",
  "services",
  "triggers",
  "webhooks",
  "workflows",
]);

/** Where a URL of pings has the name of the job: that is no secret, and changes. */
const PLACEHOLDER = /\{job\}|%7Bjob%7D/i;

/**
 * The parts of a URL which is a secret as a whole that may be quoted without the rest: segments of its path, values
 * of its query and passwords, as written and decoded.
 */
export function listUrlParts(url: string): readonly string[] {
  const { pathname, searchParams } = new URL(url);
  const parts = [...pathname.split("/"), ...searchParams.values()]
    .flatMap((part) => part.split(PLACEHOLDER))
    .flatMap((part) => [part, decode(part)])
    .filter((part) => part.length >= MIN_PART && !PLAIN_PARTS.has(part.toLowerCase()));
  return [...new Set([...parts, ...listUrlSecrets(url)])];
}

/** Makes a function that hides a URL that is a secret, and what of it runtimes and servers quote. */
export function createUrlRedactor(url: string): (text: string) => string {
  const { href, pathname, search } = new URL(url);
  return createRedactor([url, href, `${pathname}${search}`, pathname, ...listUrlParts(url)]);
}

/** Hides the secrets in one text; see `createRedactor`. */
export function redact(text: string, secrets: readonly string[]): string {
  return createRedactor(secrets)(text);
}
