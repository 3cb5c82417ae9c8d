import { Buffer } from "node:buffer";
import { connect, createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { createSelfSigned } from "../self_signed.ts";
import { type LabMail, readMail } from "./smtp_mail.ts";
import { listen, pause, resetSocket, writeForever } from "./tcp_server.ts";

/**
 * What goes wrong: `greeting` (another first line, such as `421 busy`), `silent` (accepted, never a word), `reset`,
 * `delay` (before every reply), `reply` (to a command, such as `550 no such user` to RCPT), `cutData` (the connection
 * ends in the middle of the message), `endless` (a first line without end), `lost` (the message is taken, and the
 * connection ends before the reply).
 */
export type SmtpFault =
  | { readonly kind: "greeting"; readonly reply: string }
  | { readonly kind: "silent" }
  | { readonly kind: "reset" }
  | { readonly kind: "delay"; readonly ms: number }
  | { readonly kind: "reply"; readonly command: string; readonly reply: string; readonly to?: string }
  | { readonly kind: "cutData" }
  | { readonly kind: "lost" }
  | { readonly kind: "endless" };

/** How a mail server is set up. */
export interface SmtpServerOptions {
  /** `starttls` offers it, `required` refuses mail without it, `implicit` speaks TLS from the first byte. Default none. */
  readonly tls?: "none" | "starttls" | "required" | "implicit";
  /** Who may send; default everybody. */
  readonly login?: { readonly user: string; readonly password: string };
}

/** A mail server on loopback with a certificate that nobody vouches for. */
export interface SmtpServer extends AsyncDisposable {
  readonly port: number;
  /** What was taken, in the order of arrival. */
  readonly mails: readonly LabMail[];
  /** Connections that came. */
  readonly connections: number;
  /** Those of them that are open. */
  readonly open: number;
  /** Replaces the fault; null heals the server. */
  setFault(fault: SmtpFault | null): void;
}

interface Post {
  readonly options: SmtpServerOptions;
  readonly mails: LabMail[];
  readonly tlsPort: () => number;
  fault: SmtpFault | null;
}

/** Opens a mail server: `await using smtp = await openSmtpServer()`. */
export async function openSmtpServer(options: SmtpServerOptions = {}): Promise<SmtpServer> {
  let connections = 0;
  let open = 0;
  const count = (socket: Socket) => {
    connections++;
    open++;
    socket.once("close", () => open--);
  };
  const post: Post = { options, mails: [], tlsPort: () => secure.port, fault: null };
  // Sockets that change to TLS are led through here: runtimes differ in what they can do with an open socket.
  const secure = await listen(
    createTlsServer(createSelfSigned(), (socket) => {
      if (options.tls === "implicit") count(socket);
      new Conversation(socket, post, true).begin(options.tls === "implicit");
    }),
  );
  const plain = await listen(createServer((socket) => {
    count(socket);
    new Conversation(socket, post, false).begin(true);
  }));
  return {
    port: options.tls === "implicit" ? secure.port : plain.port,
    mails: post.mails,
    get connections() {
      return connections;
    },
    get open() {
      return open;
    },
    setFault: (fault) => void (post.fault = fault),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([plain.close(), secure.close()]);
    },
  };
}

/** One connection, which takes any number of mails. */
class Conversation {
  readonly #socket: Socket;
  readonly #post: Post;
  readonly #isSecure: boolean;
  #rest = "";
  #isData = false;
  #isLedOn = false;
  #user: string | null = null;
  #from = "";
  #to: string[] = [];

  constructor(socket: Socket, post: Post, isSecure: boolean) {
    this.#socket = socket;
    this.#post = post;
    this.#isSecure = isSecure;
  }

  begin(isGreeting: boolean): void {
    const { fault } = this.#post;
    this.#socket.on("error", () => {});
    // Whoever does not read does not notice that the other side leaves.
    if (fault?.kind === "silent") return void this.#socket.resume();
    if (fault?.kind === "reset") return resetSocket(this.#socket);
    if (fault?.kind === "endless") return void writeForever(this.#socket, Buffer.alloc(64 * 1024, "x"));
    this.#socket.on("data", this.#onData);
    if (isGreeting) this.#reply(fault?.kind === "greeting" ? fault.reply : "220 lab.test ESMTP");
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#rest += chunk.toString("latin1");
    while (!this.#isLedOn) {
      const end = this.#isData ? "\r\n.\r\n" : "\r\n";
      if (this.#isData && this.#post.fault?.kind === "cutData") return void this.#socket.destroy();
      const index = this.#rest.indexOf(end);
      if (index < 0) return;
      const text = this.#rest.slice(0, index);
      this.#rest = this.#rest.slice(index + end.length);
      if (this.#isData) this.#takeMail(text);
      else this.#answer(text);
    }
  };

  #answer(line: string): void {
    const [word = "", ...rest] = line.split(" ");
    const command = word.toUpperCase();
    const { fault } = this.#post;
    if (fault?.kind === "reply" && fault.command === command && line.includes(fault.to ?? "")) {
      return this.#reply(fault.reply);
    }
    switch (command) {
      case "EHLO":
        return this.#reply(this.#greet());
      case "STARTTLS":
        return this.#leadOn();
      case "AUTH":
        return this.#logIn(rest.at(-1) ?? "");
      case "MAIL":
        return this.#start(line);
      case "RCPT":
        this.#to.push(readPath(line));
        return this.#reply("250 OK");
      case "DATA":
        this.#isData = true;
        return this.#reply("354 go on");
      case "QUIT":
        this.#reply("221 bye");
        return void this.#socket.end();
      default:
        return this.#reply("250 OK");
    }
  }

  #greet(): string {
    const { login } = this.#post.options;
    const offers = [
      ...(this.#offersTls() ? ["STARTTLS"] : []),
      ...(login === undefined ? [] : ["AUTH PLAIN"]),
      "8BITMIME",
    ];
    return ["lab.test", ...offers].map((text, index) => `250${index === offers.length ? " " : "-"}${text}`)
      .join("\r\n");
  }

  #offersTls(): boolean {
    const { tls } = this.#post.options;
    return !this.#isSecure && (tls === "starttls" || tls === "required");
  }

  #leadOn(): void {
    if (!this.#offersTls()) return this.#reply("502 5.5.1 no STARTTLS here");
    this.#isLedOn = true;
    this.#socket.off("data", this.#onData);
    const inner = connect(this.#post.tlsPort(), "127.0.0.1", () => {
      this.#socket.pipe(inner).pipe(this.#socket);
      this.#socket.write("220 go on\r\n");
    });
    inner.on("error", () => this.#socket.destroy());
    inner.on("close", () => this.#socket.end());
    this.#socket.on("close", () => inner.destroy());
  }

  #logIn(word: string): void {
    const { login } = this.#post.options;
    const [, user = "", password = ""] = Buffer.from(word, "base64").toString().split("\0");
    if (login === undefined || user !== login.user || password !== login.password) {
      // Some servers tell what they were told.
      return this.#reply(`535 5.7.8 wrong user or password: ${word} (${password})`);
    }
    this.#user = user;
    this.#reply("235 welcome");
  }

  #start(line: string): void {
    const { tls, login } = this.#post.options;
    if (tls === "required" && !this.#isSecure) return this.#reply("530 5.7.0 Must issue a STARTTLS first");
    if (login !== undefined && this.#user === null) return this.#reply("530 5.7.0 Authentication required");
    this.#from = readPath(line);
    this.#to = [];
    this.#reply("250 OK");
  }

  #takeMail(text: string): void {
    this.#isData = false;
    const envelope = { from: this.#from, to: this.#to, user: this.#user, isSecure: this.#isSecure };
    this.#post.mails.push(readMail(text, envelope));
    if (this.#post.fault?.kind === "lost") return void this.#socket.destroy();
    this.#reply("250 2.0.0 OK queued");
  }

  #reply(text: string): void {
    const { fault } = this.#post;
    const write = () => void (this.#socket.destroyed || this.#socket.write(`${text}\r\n`));
    if (fault?.kind === "delay") void pause(fault.ms).then(write);
    else write();
  }
}

function readPath(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? "";
}
