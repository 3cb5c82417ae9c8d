import { API_METHODS, type ApiDocument, type ApiMethod } from "../openapi.ts";

/** A schema, as far as the reference shows it. */
export interface DescribedSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly example?: unknown;
  readonly properties?: Readonly<Record<string, DescribedSchema>>;
  readonly required?: readonly string[];
  readonly items?: DescribedSchema;
  readonly additionalProperties?: DescribedSchema | boolean;
  readonly anyOf?: readonly DescribedSchema[];
  readonly oneOf?: readonly DescribedSchema[];
  readonly allOf?: readonly DescribedSchema[];
}

/** Bodies by their media types. */
export type DescribedContent = Readonly<
  Record<string, { readonly schema?: DescribedSchema; readonly example?: unknown }>
>;

/** A parameter of a path, a query or a head. */
export interface DescribedParameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: DescribedSchema;
  readonly example?: unknown;
}

/** An operation with its place. */
export interface DescribedOperation {
  readonly path: string;
  readonly method: ApiMethod;
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly DescribedParameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: DescribedContent };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: DescribedContent }>
  >;
  readonly "x-required-scope"?: string;
}

/** A group of operations. */
export interface DescribedTag {
  readonly name: string;
  readonly description?: string;
  readonly operations: readonly DescribedOperation[];
}

/** The document's operations by their tags; a tag without operations is left out. */
export function listTags(document: ApiDocument): readonly DescribedTag[] {
  const operations = listDescribed(document);
  return (document.tags ?? []).map(({ name, description }) => ({
    name,
    description,
    operations: operations.filter(({ tags }) => tags?.includes(name)),
  })).filter((tag) => tag.operations.length > 0);
}

/** The document's schemas by name, in the order of the alphabet. */
export function listSchemas(document: ApiDocument): readonly (readonly [string, DescribedSchema])[] {
  const schemas = Object.entries(document.components?.schemas ?? {}) as [string, DescribedSchema][];
  return schemas.sort(([a], [b]) => a < b ? -1 : 1);
}

/** The last part of a reference, which is the name of what it leads to. */
export function nameOfReference(reference: string): string {
  return reference.slice(reference.lastIndexOf("/") + 1);
}

function listDescribed(document: ApiDocument): readonly DescribedOperation[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    API_METHODS.flatMap((method) => {
      const operation = item[method] as unknown as DescribedOperation | undefined;
      return operation === undefined ? [] : [{ ...operation, path, method }];
    })
  );
}
