import type { DescribedContent, DescribedOperation, DescribedSchema } from "./described.ts";
import { nameOfReference } from "./described.ts";

/** Where commands are sent, and whether they need a token. */
export interface ExamplePlace {
  /** Such as `http://127.0.0.1:8080`. */
  readonly origin: string;
  readonly needsToken: boolean;
  readonly schemas: Readonly<Record<string, DescribedSchema>>;
}

/** Deeper ones are of no use to a reader. */
const MAX_DEPTH = 6;

/** The command of `curl` that calls an operation, with the examples of the document. */
export function writeCurl(operation: DescribedOperation, place: ExamplePlace): string {
  const { method, path, requestBody } = operation;
  const parts = ["curl"];
  if (method !== "get") parts.push(`-X ${method.toUpperCase()}`);
  if (place.needsToken && operation["x-required-scope"] !== undefined) parts.push(TOKEN_HEADER);
  const [body] = listBodies(requestBody?.content ?? {}, place.schemas);
  if (body !== undefined) parts.push(`-H 'Content-Type: ${body.type}'`, `-d ${quote(body.text)}`);
  parts.push(quote(place.origin + fillPath(path, operation)));
  return parts.join(" ");
}

/** The head of a request that carries the token of the shell's `TOKEN`. */
export const TOKEN_HEADER = `-H "Authorization: Bearer $TOKEN"`;

/** An example of a schema: its own, or one put together from its parts. */
export function exampleOf(
  schema: DescribedSchema,
  schemas: Readonly<Record<string, DescribedSchema>>,
  depth = 0,
): unknown {
  if (schema.example !== undefined) return schema.example;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (depth > MAX_DEPTH) return null;
  const next = (part: DescribedSchema) => exampleOf(part, schemas, depth + 1);
  if (schema.$ref !== undefined) return next(schemas[nameOfReference(schema.$ref)] ?? {});
  const [choice] = schema.anyOf ?? schema.oneOf ?? [];
  if (choice !== undefined) return next(choice);
  const own = exampleOfProperties(schema, next);
  if (schema.allOf !== undefined) return Object.assign({}, ...schema.allOf.map(next), own);
  if (own !== null) return own;
  if (schema.items !== undefined) return [next(schema.items)];
  return exampleOfType(schema);
}

/** Of an object that is asked for, only what it must have: the rest is the reader's choice. */
function exampleOfProperties(
  { properties, required = [] }: DescribedSchema,
  next: (part: DescribedSchema) => unknown,
): object | null {
  if (properties === undefined) return null;
  const shown = Object.entries(properties).filter(([name]) => required.includes(name));
  return Object.fromEntries(shown.map(([name, part]) => [name, next(part)]));
}

function exampleOfType({ type }: DescribedSchema): unknown {
  const [name] = typeof type === "string" ? [type] : type ?? [];
  if (name === "integer" || name === "number") return 1;
  if (name === "boolean") return true;
  if (name === "object") return {};
  return name === "array" ? [] : name === "null" ? null : "text";
}

function listBodies(
  content: DescribedContent,
  schemas: ExamplePlace["schemas"],
): readonly { readonly type: string; readonly text: string }[] {
  return Object.entries(content).map(([type, { schema = {}, example }]) => {
    const value = example ?? exampleOf(schema, schemas);
    return {
      type,
      text: typeof value === "string" && !type.endsWith("/json") ? value : JSON.stringify(value),
    };
  });
}

function fillPath(path: string, { parameters = [] }: DescribedOperation): string {
  return path.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const parameter = parameters.find((one) => one.name === name && one.in === "path");
    const example = parameter?.example ?? parameter?.schema?.example ?? parameter?.schema?.enum?.[0];
    return example === undefined
      ? name.toUpperCase()
      : encodeURIComponent(String(example)).replaceAll("%3A", ":");
  });
}

/** A word of a POSIX shell. */
function quote(text: string): string {
  return /^[\w:/.=?-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
