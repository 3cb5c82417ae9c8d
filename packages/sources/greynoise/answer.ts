import { type GreynoiseAnswer, type IpAddress, parseAddress } from "@ipcascade/core";
import { cleanText } from "../clean_text.ts";

/** An answer without the moment it was given. */
export type GreynoiseFacts = Omit<GreynoiseAnswer, "checked_at">;

const MAX_NAME_LENGTH = 200;
const MAX_CLASSIFICATION_LENGTH = 50;

/** Reads the body of a 200; null when it is no answer about this address. */
export function readAnswer(body: unknown, address: IpAddress): GreynoiseFacts | null {
  if (!isRecord(body) || !isAbout(body, address)) return null;
  const { noise, riot } = body;
  if (typeof noise !== "boolean" || typeof riot !== "boolean") return null;
  return {
    noise,
    riot,
    classification: readText(body["classification"], MAX_CLASSIFICATION_LENGTH),
    name: readText(body["name"], MAX_NAME_LENGTH),
    last_seen: readDate(body["last_seen"]),
  };
}

/**
 * Tells whether the body of a 404 is GreyNoise's "never seen": it names the address or says that it makes no noise.
 * A mere "not found" is what a wrong path or another server answers, and would be remembered for every address.
 */
export function isNeverSeen(body: unknown, address: IpAddress): boolean {
  if (!isRecord(body) || !isAbout(body, address)) return false;
  const { ip, noise, riot } = body;
  return noise !== true && riot !== true && (ip !== undefined || noise === false);
}

function isAbout(body: Readonly<Record<string, unknown>>, address: IpAddress): boolean {
  const { ip } = body;
  if (ip === undefined) return true;
  return typeof ip === "string" && parseAddress(ip)?.text === address.text;
}

function readText(value: unknown, maxLength: number): string | null {
  return typeof value === "string" ? cleanText(value, maxLength) : null;
}

/** The day of a date or of a date and time. */
function readDate(value: unknown): string | null {
  const [day] = typeof value === "string" ? /^\d{4}-\d{2}-\d{2}(?![^T ])/.exec(value.trim()) ?? [] : [];
  return day === undefined || Number.isNaN(Date.parse(day)) ? null : day;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
