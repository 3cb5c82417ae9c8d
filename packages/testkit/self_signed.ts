import { Buffer } from "node:buffer";
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** A key and the certificate that it signed itself, as PEM. */
export interface SelfSigned {
  readonly key: string;
  readonly cert: string;
}

/** ECDSA with SHA-256, and the common name, as object identifiers. */
const ECDSA_SHA256 = Buffer.from("06082a8648ce3d040302", "hex");
const COMMON_NAME = Buffer.from("0603550403", "hex");
const SUBJECT_ALT_NAME = Buffer.from("0603551d11", "hex");

/** Makes a certificate for `localhost` and 127.0.0.1 that nobody vouches for (RFC 5280), valid to the end of 2049. */
export function createSelfSigned(): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = sequence(ECDSA_SHA256);
  const name = sequence(wrap(0x31, sequence(COMMON_NAME, wrap(0x0c, Buffer.from("localhost")))));
  const names = sequence(wrap(0x82, Buffer.from("localhost")), wrap(0x87, Buffer.from([127, 0, 0, 1])));
  const validity = sequence(
    wrap(0x17, Buffer.from("200101000000Z")),
    wrap(0x17, Buffer.from("491231235959Z")),
  );
  const body = sequence(
    wrap(0xa0, wrap(0x02, Buffer.from([2]))),
    wrap(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
    wrap(0xa3, sequence(sequence(SUBJECT_ALT_NAME, wrap(0x04, names)))),
  );
  const signature = wrap(0x03, Buffer.concat([Buffer.from([0]), sign("sha256", body, privateKey)]));
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: toPem(sequence(body, algorithm, signature)),
  };
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return wrap(0x30, Buffer.concat(parts));
}

/** Tag, length and content (DER). */
function wrap(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function toPem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
