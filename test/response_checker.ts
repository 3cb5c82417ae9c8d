import { Ajv2020, type ValidateFunction } from "@redocly/ajv/dist/2020.js";
import { closeSchema, openSchema, type SchemaNode } from "./closed_schemas.ts";

/** An OpenAPI 3.1 document, as far as answers are checked against it. */
export interface ApiDocument {
  readonly paths?: object;
  readonly components?: { readonly schemas?: object };
}

/** What was asked. */
export interface CheckedRequest {
  readonly method: string;
  /** Such as `/v1/ips/8.8.8.8`; a query does not matter. */
  readonly path: string;
}

/** Checks answers against the document that describes them. */
export interface ResponseChecker {
  /**
   * Gives the answer back, to be read as if nobody had looked. Throws an `Error` that says what the document does not
   * declare: the status, the media type, or a part of the body. NDJSON is checked while it is read.
   */
  check(request: CheckedRequest, response: Response): Promise<Response>;
}

type Content = Readonly<Record<string, { readonly schema?: SchemaNode }>>;

interface DeclaredResponse {
  readonly content?: Content;
}

interface DeclaredOperation {
  readonly responses: Readonly<Record<string, DeclaredResponse>>;
}

const PROBLEM_TYPE = "application/problem+json";
const PROBLEM: DeclaredResponse = {
  content: { [PROBLEM_TYPE]: { schema: { $ref: "#/components/schemas/Problem" } } },
};
/** The lines of a long answer are alike. */
const CHECKED_LINES = 1_000;
/** What the document has to describe; other paths are pages for people. */
const DESCRIBED = /^\/(v1\/|livez$|readyz$|metrics$|openapi\.json$)/;

/** A checker of the answers that a document describes. Objects may have no property that it does not name. */
export function createResponseChecker(document: ApiDocument): ResponseChecker {
  const compile = createCompiler(document);
  return {
    check: async ({ method, path }, response) => {
      const { pathname } = new URL(response.url === "" ? path : response.url, "http://api");
      const place = `${method} ${pathname} ${response.status}`;
      const declared = findResponse(document, { method, path: pathname }, response);
      const content = declared?.content;
      if (content === undefined) return response;
      const type = readMediaType(response.headers.get("content-type") ?? "");
      const declaredType = Object.keys(content).find((one) => readMediaType(one) === type);
      const schema = declaredType === undefined ? undefined : content[declaredType]?.schema;
      if (schema === undefined) {
        throw new Error(`${place} is "${type}"; declared are ${Object.keys(content).join(", ")}`);
      }
      if (method === "HEAD") return response;
      return await checkBody(response, { type, place, validate: compile(schema) });
    },
  };
}

function createCompiler({ components }: ApiDocument): (schema: SchemaNode) => ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false });
  ajv.addFormat("date-time", (text: string) => text.endsWith("Z") && !Number.isNaN(Date.parse(text)));
  ajv.addFormat("date", /^\d{4}-\d{2}-\d{2}$/);
  ajv.addFormat("uri", (text: string) => URL.canParse(text));
  for (const [name, schema] of Object.entries(components?.schemas ?? {})) {
    ajv.addSchema(closeSchema(schema), `api:${name}`);
    ajv.addSchema(openSchema(schema), `api:${name}.open`);
  }
  const compiled = new Map<SchemaNode, ValidateFunction>();
  return (schema) => {
    const validate = compiled.get(schema) ?? ajv.compile(closeSchema(schema));
    compiled.set(schema, validate);
    return validate;
  };
}

/** What is declared of an answer; null for a page, of which the document knows nothing. */
function findResponse(
  document: ApiDocument,
  { method, path }: CheckedRequest,
  { status, headers }: Response,
): DeclaredResponse | null {
  const item = findPathItem(document.paths ?? {}, path);
  const operation = item?.[method.toLowerCase()] ?? (method === "HEAD" ? item?.get : undefined);
  if (operation !== undefined) {
    const declared = operation.responses[String(status)];
    if (declared !== undefined) return declared;
    const known = Object.keys(operation.responses).join(", ");
    throw new Error(`${method} ${path} answers ${status}; declared are ${known}`);
  }
  if (status >= 400) return headers.get("content-type")?.startsWith("text/html") ? null : PROBLEM;
  if (DESCRIBED.test(path)) throw new Error(`${method} ${path} answers ${status}, but is not declared`);
  return null;
}

function findPathItem(
  paths: object,
  path: string,
): Readonly<Record<string, DeclaredOperation | undefined>> | undefined {
  const fitting = Object.entries(paths).filter(([template]) => toPattern(template).test(path));
  // A literal path is more than a template that fits as well.
  return fitting.sort(([a], [b]) => a.split("{").length - b.split("{").length)[0]?.[1];
}

function toPattern(template: string): RegExp {
  const pattern = template.replace(/[.+*?^$()|[\]\\]/g, "\\$&").replace(/\{[^/]+?\}/g, "[^/]+");
  return new RegExp(`^${pattern}$`);
}

/** Without its parameters, such as the character set. */
function readMediaType(text: string): string {
  return text.split(";")[0]!.trim().toLowerCase();
}

interface BodyCheck {
  readonly type: string;
  readonly place: string;
  readonly validate: ValidateFunction;
}

async function checkBody(response: Response, { type, place, validate }: BodyCheck): Promise<Response> {
  if (type === "text/event-stream") return response;
  if (type === "application/x-ndjson") return checkLines(response, { type, place, validate });
  const text = await response.text();
  validateValue(type.endsWith("json") ? JSON.parse(text) : text, { place, validate });
  return new Response(text, response);
}

/** Checks lines as they pass, so that whoever reads slowly still slows the sender. */
function checkLines(response: Response, { place, validate }: BodyCheck): Response {
  const decoder = new TextDecoder();
  let rest = "";
  let count = 0;
  const checked = new TransformStream<Uint8Array, Uint8Array>(
    {
      transform(chunk, controller) {
        controller.enqueue(chunk);
        if (count >= CHECKED_LINES) return;
        const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
        rest = lines.pop()!;
        for (const line of lines.slice(0, CHECKED_LINES - count)) validateLine(line);
        count += lines.length;
      },
      flush() {
        if (count < CHECKED_LINES) validateLine(rest);
      },
    },
    { highWaterMark: 1 },
    { highWaterMark: 0 },
  );
  function validateLine(line: string): void {
    if (line !== "") validateValue(JSON.parse(line), { place, validate });
  }
  return new Response(response.body!.pipeThrough(checked), response);
}

function validateValue(value: unknown, { place, validate }: Pick<BodyCheck, "place" | "validate">): void {
  if (validate(value)) return;
  const reasons = validate.errors!.slice(0, 5).map(({ instancePath, message, params }) =>
    `${instancePath || "/"} ${message} ${JSON.stringify(params)}`
  );
  throw new Error(`${place} is not as it is declared: ${reasons.join("; ")}`);
}
