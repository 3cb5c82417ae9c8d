import { findAccess } from "./access.ts";

/** The part of an OpenAPI document that access is written into. */
interface AccessDocument {
  readonly paths?: Readonly<Record<string, unknown>>;
  readonly components?: object;
}

const METHODS = ["get", "put", "post", "delete", "patch"] as const;

/** The name of the security scheme in the OpenAPI document. */
export const SECURITY_SCHEME = "bearer";

/** Writes into an OpenAPI document which scope each operation needs (`x-required-scope`, `security`). */
export function describeAccess<Doc extends AccessDocument>(document: Doc): Doc {
  const paths = Object.entries(document.paths ?? {}).map(([path, item]) => [path, describeItem(path, item)]);
  const bearer = {
    type: "http",
    scheme: "bearer",
    description:
      "A token of IPCASCADE_API_TOKENS; `operate` includes `read`. None is needed where none is set.",
  };
  const components = document.components as { readonly securitySchemes?: object } | undefined;
  return {
    ...document,
    paths: Object.fromEntries(paths),
    components: {
      ...components,
      securitySchemes: { ...components?.securitySchemes, [SECURITY_SCHEME]: bearer },
    },
  };
}

function describeItem(path: string, item: unknown): unknown {
  const described: Record<string, unknown> = { ...item as Record<string, unknown> };
  for (const method of METHODS) {
    if (described[method] === undefined) continue;
    const access = findAccess(method.toUpperCase(), path);
    const security = access === "open" ? [] : [{ [SECURITY_SCHEME]: [] }];
    const scope = access === "open" ? {} : { "x-required-scope": access };
    described[method] = { ...described[method] as object, ...scope, security };
  }
  return described;
}
