/** A JSON Schema, or a part of one. */
export type SchemaNode = Readonly<Record<string, unknown>>;

const COMPONENT = "#/components/schemas/";

/**
 * A schema whose objects have no properties besides those that it names. References lead to the schemas of the same
 * name, and where a schema is a part of another one (`allOf`) to `NAME.open`, which allows what the others name.
 */
export function closeSchema(schema: SchemaNode): SchemaNode {
  return rewrite(schema, true) as SchemaNode;
}

/** The same schema with its references rewritten, but open at its top. */
export function openSchema(schema: SchemaNode): SchemaNode {
  return rewrite(schema, false) as SchemaNode;
}

function rewrite(node: unknown, isClosed: boolean): unknown {
  if (Array.isArray(node)) return node.map((part) => rewrite(part, isClosed));
  if (typeof node !== "object" || node === null) return node;
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) result[key] = rewriteMember(key, value, isClosed);
  const isObject = "properties" in node || "allOf" in node;
  if (isClosed && isObject && !("additionalProperties" in node)) result.unevaluatedProperties = false;
  return result;
}

function rewriteMember(key: string, value: unknown, isClosed: boolean): unknown {
  if (key === "$ref" && typeof value === "string") {
    return value.replace(COMPONENT, "api:") + (isClosed ? "" : ".open");
  }
  // What is no schema stays as it is: an example may well have a property named `$ref`.
  if (["example", "examples", "default", "enum", "const", "required"].includes(key)) return value;
  if (key === "allOf") return rewrite(value, false);
  if (key === "properties") return mapValues(value as object, (schema) => rewrite(schema, true));
  // Alternatives of a closed whole are closed; items and values are wholes of their own.
  return rewrite(value, key === "items" || key === "additionalProperties" || isClosed);
}

function mapValues(node: object, change: (value: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, change(value)]));
}
