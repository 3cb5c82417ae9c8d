import { parseAddress } from "./address.ts";
import { isCopyDate, isCopyTimestamp } from "./copy_instants.ts";

/** Tells whether a value is written as a type's values are, and within what the type can hold. */
export type CopyCheck = (value: string) => boolean;

/** The check of a column's type, as the database names it; of types that are not known every value passes. */
export function findCopyCheck(type: string): CopyCheck {
  return CHECKS[type.replace(/\(\d+(,\d+)?\)/, "")] ?? anything;
}

const anything: CopyCheck = () => true;

const INTEGER = /^(0|-?[1-9]\d{0,18})$/;

function integerUpTo(max: bigint): CopyCheck {
  const digits = String(max).length;
  return (value) => {
    if (!INTEGER.test(value)) return false;
    if (value.length < digits) return true;
    const number = BigInt(value);
    return number <= max && number >= -max - 1n;
  };
}

const isSmall = integerUpTo(0x7fffn);
const isInteger = integerUpTo(0x7fff_ffffn);
const isBig = integerUpTo(0x7fff_ffff_ffff_ffffn);

const FLOAT = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/;
const FLOAT_WORDS: ReadonlySet<string> = new Set(["NaN", "Infinity", "-Infinity"]);

function floatUpTo(max: number): CopyCheck {
  return (value) => {
    if (!FLOAT.test(value)) return FLOAT_WORDS.has(value);
    const number = Number(value);
    return Math.abs(number) <= max && (number !== 0 || !/^-?[0.]*[1-9]/.test(value));
  };
}

const NUMERIC = /^-?\d+(\.\d+)?$/;
const isNumeric: CopyCheck = (value) => NUMERIC.test(value) || FLOAT_WORDS.has(value);

const isBoolean: CopyCheck = (value) => value === "t" || value === "f";

const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4 = new RegExp(`^(?:${OCTET}\\.){3}${OCTET}(?:/(?:3[0-2]|[12]?\\d))?$`);

const isInet: CopyCheck = (value) => {
  if (IPV4.test(value)) return true;
  const slash = value.indexOf("/");
  const address = slash < 0 ? value : value.slice(0, slash);
  if (!address.includes(":") || address.includes("%") || parseAddress(address) === null) return false;
  return slash < 0 ||
    (/^(0|[1-9]\d{0,2})$/.test(value.slice(slash + 1)) && Number(value.slice(slash + 1)) <= 128);
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const isUuid: CopyCheck = (value) => UUID.test(value);

const BYTES = /^\\x(?:[0-9a-f]{2})*$/;
const isBytes: CopyCheck = (value) => BYTES.test(value);

const isJson: CopyCheck = (value) => {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
};

/** What is escaped by number in `jsonb`: control characters alone, and never NUL, which it can't hold. */
const FOREIGN_ESCAPE = /(?:^|[^\\])(?:\\\\)*\\u(?!00(?:0[1-9a-f]|1[0-9a-f]|7f))/;
const isJsonb: CopyCheck = (value) => isJson(value) && !(value.includes("\\u") && FOREIGN_ESCAPE.test(value));

function arrayOf(check: CopyCheck): CopyCheck {
  return (value) => {
    if (value === "{}") return true;
    if (!value.startsWith("{") || !value.endsWith("}")) return false;
    return value.slice(1, -1).split(",").every((item) => item === "NULL" || check(item));
  };
}

const RANGE = /^([[(])(?:"([^"]*)"|(-?infinity))?,(?:"([^"]*)"|(-?infinity))?([\])])$/;

const isTimestampRange: CopyCheck = (value) => {
  if (value === "empty") return true;
  const match = RANGE.exec(value);
  if (match === null) return false;
  return [match[2], match[4]].every((bound) => bound === undefined || isCopyTimestamp(bound));
};

const RANGES = /^\{(?:[[(][^[\](){}]*[\])](?:,(?=[[(]))?)*\}$/;

const isTimestampMultirange: CopyCheck = (value) => {
  if (value === "{}") return true;
  if (!RANGES.test(value) || value.endsWith(",}")) return false;
  return value.slice(1, -1).split(/(?<=[\])]),/).every((range) =>
    range !== "empty" && isTimestampRange(range)
  );
};

const CHECKS: Readonly<Record<string, CopyCheck>> = {
  "smallint": isSmall,
  "integer": isInteger,
  "bigint": isBig,
  "smallint[]": arrayOf(isSmall),
  "integer[]": arrayOf(isInteger),
  "bigint[]": arrayOf(isBig),
  "real": floatUpTo(3.402_823_57e38),
  "double precision": floatUpTo(Number.MAX_VALUE),
  "numeric": isNumeric,
  "boolean": isBoolean,
  "inet": isInet,
  "cidr": isInet,
  "uuid": isUuid,
  "bytea": isBytes,
  "json": isJson,
  "jsonb": isJsonb,
  "date": isCopyDate,
  "timestamp with time zone": isCopyTimestamp,
  "tstzrange": isTimestampRange,
  "tstzmultirange": isTimestampMultirange,
};
