import type { OpenAPIHono } from "@hono/zod-openapi";
import { describeAccess } from "./access_document.ts";
import type { ApiEnv } from "./api_deps.ts";
import { describeProblems, PROBLEM_TYPE } from "./problem.ts";

/** The document that describes the API, OpenAPI 3.1. */
export type ApiDocument = ReturnType<OpenAPIHono<ApiEnv>["getOpenAPI31Document"]>;

/** One operation of the document. */
export type ApiOperation = NonNullable<NonNullable<ApiDocument["paths"]>[string]["get"]>;

/** Methods that operations have, in the order in which they are shown. */
export const API_METHODS = ["get", "put", "post", "delete"] as const;

/** One of the methods. */
export type ApiMethod = (typeof API_METHODS)[number];

const DESCRIPTION =
  `Who is behind an IP address: MaxMind, Team Cymru and GreyNoise asked in order, the answers kept.

Errors are problems (RFC 9457) with a stable \`code\`. Instants are RFC 3339 in UTC. Where tokens are set, requests carry
\`Authorization: Bearer TOKEN\`; what a token may do is its scope, and \`x-required-scope\` says which one an operation
needs. Any request may be told to come back later by 429 or 503; \`Retry-After\` says when.`;

const TAGS = [
  { name: "Addresses", description: "Who is behind an address, one or many" },
  { name: "Health", description: "How the service stands, and what has to be looked at" },
  { name: "Quota", description: "What may still be asked of GreyNoise" },
  { name: "Editions", description: "The installed databases of MaxMind or DB-IP" },
  { name: "Reports", description: "Enrichment coverage month by month, and the alerts that are on" },
  { name: "Diagnostics", description: "The most likely cause of a trouble, and what to do about it" },
  { name: "Jobs", description: "The recurring work: its plan, its runs, and runs on demand" },
  { name: "Monitoring", description: "For Prometheus" },
  { name: "Probes", description: "For load balancers and schedulers of containers" },
  { name: "Documentation", description: "This description" },
];

/** What any request may be told before its route is reached, or when what it needs is away. */
const GUARD_PROBLEMS = [400, 401, 403, 413, 414, 421, 429, 431, 500, 503];
/** What a request with a body may be told as well. */
const BODY_PROBLEMS = [...GUARD_PROBLEMS, 408, 415];
const PROBLEM_CONTENT = { schema: { $ref: "#/components/schemas/Problem" } };

/** Describes an app. Operations get their security, and the problems that are everybody's. */
export function describeApi(app: OpenAPIHono<ApiEnv>, version: string): ApiDocument {
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "ipcascade",
      version,
      description: DESCRIPTION,
      license: { name: "MIT", url: "https://spdx.org/licenses/MIT.html" },
    },
    servers: [{ url: "/", description: "This server" }],
    tags: TAGS,
  });
  for (const { operation } of listOperations(document)) operation.responses = addGuardProblems(operation);
  return describeAccess(document);
}

/** Every operation of a document, in its order. */
export function listOperations(
  { paths }: ApiDocument,
): readonly { readonly path: string; readonly method: ApiMethod; readonly operation: ApiOperation }[] {
  return Object.entries(paths ?? {}).flatMap(([path, item]) =>
    API_METHODS.flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [{ path, method, operation }];
    })
  );
}

/** A status that an operation answers with a body of its own may also come as a problem. */
function addGuardProblems({ responses, requestBody }: ApiOperation): ApiOperation["responses"] {
  const all = { ...responses };
  for (const status of requestBody === undefined ? GUARD_PROBLEMS : BODY_PROBLEMS) {
    const own = all[status];
    all[status] = {
      description: describeProblems(status)[status]!.description,
      ...own,
      content: { [PROBLEM_TYPE]: PROBLEM_CONTENT, ...own?.content },
    };
  }
  return all;
}
