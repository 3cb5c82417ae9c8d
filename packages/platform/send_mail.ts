import { Buffer } from "node:buffer";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import { insistsOnTls, type MailServer } from "./mail_server.ts";

/** A message and who gets it. */
export interface OutgoingMail {
  /** A bare address. */
  readonly from: string;
  /** Bare addresses. */
  readonly to: readonly string[];
  /** Headers and body. */
  readonly message: Uint8Array;
}

/** For connecting and for each silence. Whoever calls bounds the whole by a signal. */
const SILENCE_MS = 10_000;
/** For the farewell, when the message is taken already. */
const FAREWELL_MS = 1_000;
/** A reply of a server is a few lines. */
const MAX_REPLY_BYTES = 16 * 1024;

/**
 * Hands a message to a server. Gives the recipients that the server refused while it took others. Throws what the
 * server or the connection says, which may quote the login; the signal's reason when it aborts.
 */
export async function sendMail(
  server: MailServer,
  mail: OutgoingMail,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const connection = openConnection(server);
  const broken = new Promise<never>((_, reject) => {
    // Errors also come after the first one, and one that nobody listens to would end the process.
    connection.on("error", reject);
    connection.on("end", () => reject(new Error("the server closed the connection")));
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  broken.catch(() => {});
  const step = <T>(work: (done: (error: Error | null | undefined, value: T) => void) => void) =>
    Promise.race([broken, callback(work)]);
  try {
    signal.throwIfAborted();
    await step<void>((done) => connection.connect((error) => done(error)));
    const { login } = server;
    if (login !== null) {
      const credentials = { user: login.user, pass: login.password };
      await step<unknown>((done) => connection.login({ credentials }, done));
    }
    const envelope = { from: mail.from, to: [...mail.to], size: mail.message.length };
    const { rejected } = await step<{ rejected: string[] }>((done) =>
      connection.send(envelope, Buffer.from(mail.message), (error, info) => done(error, info!))
    );
    await sayFarewell(connection);
    return rejected;
  } finally {
    connection.close();
  }
}

function openConnection(server: MailServer): SMTPConnection {
  return new SMTPConnection({
    host: server.host,
    port: server.port,
    secure: server.isImplicitTls,
    requireTLS: !server.isImplicitTls && insistsOnTls(server),
    ignoreTLS: server.tls === "off",
    tls: { rejectUnauthorized: server.verifiesCertificate },
    connectionTimeout: SILENCE_MS,
    greetingTimeout: SILENCE_MS,
    socketTimeout: SILENCE_MS,
    dnsTimeout: SILENCE_MS,
    socketCloseTimeout: FAREWELL_MS,
    maxResponseSize: MAX_REPLY_BYTES,
  });
}

function callback<T>(
  work: (done: (error: Error | null | undefined, value: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    work((error, value) => error === null || error === undefined ? resolve(value) : reject(error));
  });
}

async function sayFarewell(connection: SMTPConnection): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, FAREWELL_MS);
    connection.once("end", () => {
      clearTimeout(timer);
      resolve();
    });
    connection.quit();
  });
}
