import { z } from "@hono/zod-openapi";
import { quoteInput } from "@ipcascade/core";

/** What was checked, and by what. */
export interface CheckedInput {
  /** What it was: `query`, `param`, `header`, `json`. */
  readonly target: string;
  /** As it came. */
  readonly data: unknown;
  /** Absent where nobody knows it: then the reason is the schema's own. */
  readonly schema?: z.ZodType;
}

/** Says what a schema found wrong: quotes it, and tells what is allowed. */
export function explainIssue(issue: z.core.$ZodIssue | undefined, input: CheckedInput): string {
  if (issue === undefined) return "Cannot read the request";
  const place = input.target === "json" ? "the body" : `the ${input.target}`;
  if (issue.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    return `Cannot take ${quoteInput(key)} in ${place}: ${allowNames(listNames(input.schema))}`;
  }
  const path = issue.path.map(String);
  const value = path.reduce<unknown>(readMember, input.data);
  const allowed = describeAllowed(issue, input.schema, path);
  const what = path.length === 0 ? place : path.join(".");
  if (value === undefined) return `Cannot find ${what}: ${allowed}`;
  return `Cannot read ${what} ${showValue(value)}: ${allowed}`;
}

/** Says which names there may be. */
export function allowNames(names: readonly string[]): string {
  if (names.length === 0) return "none is allowed here";
  return `allowed ${names.length === 1 ? "is" : "are"} ${names.join(", ")}`;
}

/** The names of an object's members; none where it is no object. */
export function listNames(schema: z.ZodType | undefined): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function readMember(from: unknown, name: string): unknown {
  return typeof from === "object" && from !== null && Object.hasOwn(from, name)
    ? (from as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function showValue(value: unknown): string {
  if (typeof value === "string") return quoteInput(value);
  const text = JSON.stringify(value);
  return text.length > 100 ? quoteInput(text) : text;
}

/** What a member of a JSON Schema says about a value. */
interface ValueSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

function describeAllowed(
  issue: z.core.$ZodIssue,
  schema: z.ZodType | undefined,
  path: readonly string[],
): string {
  // Their messages are ours: see the schemas.
  if (issue.code === "custom" || issue.code === "invalid_format") return issue.message;
  const found = path.reduce(findMember, schema);
  if (found === undefined) return issue.message;
  if (found instanceof z.ZodObject) return `allowed is an object with ${listNames(found).join(", ")}`;
  const json = z.toJSONSchema(found, { io: "input", unrepresentable: "any" }) as ValueSchema;
  return describeValue(json) ?? issue.message;
}

function findMember(schema: z.ZodType | undefined, name: string): z.ZodType | undefined {
  if (!(schema instanceof z.ZodObject)) return undefined;
  return Object.hasOwn(schema.shape, name) ? schema.shape[name] as z.ZodType : undefined;
}

function describeValue(json: ValueSchema): string | null {
  if (json.enum !== undefined) return allowNames(json.enum.map(String));
  switch (json.type) {
    case "integer":
      return `allowed is a whole number${describeRange(json.minimum, json.maximum)}`;
    case "number":
      return `allowed is a number${describeRange(json.minimum, json.maximum)}`;
    case "string":
      return json.maxLength === undefined
        ? "allowed is one text"
        : `allowed is a text of ${json.minLength ?? 0} to ${json.maxLength} characters`;
    default:
      return null;
  }
}

function describeRange(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` of ${minimum} or more`;
  return maximum === undefined ? "" : ` of ${maximum} or less`;
}
