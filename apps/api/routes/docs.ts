import { createRoute, z } from "@hono/zod-openapi";
import type { ApiDeps } from "../api_deps.ts";
import type { ApiDocument } from "../openapi.ts";
import { renderReference } from "../reference/mod.tsx";
import { REFERENCE_STYLE } from "../reference/style.ts";
import { createRouter } from "../router.ts";

const STYLESHEET = "/docs/style.css";
/** Seconds; an upgrade changes what is said here. */
const CACHE = "public, max-age=300";
/** Nothing that the page has in itself is run or applied. */
const CONTENT_POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const getDocument = createRoute({
  method: "get",
  path: "/openapi.json",
  operationId: "getOpenApi",
  tags: ["Documentation"],
  summary: "Describes this API: OpenAPI 3.1",
  responses: {
    200: {
      description: "The document",
      content: {
        "application/json": {
          schema: z.looseObject({ openapi: z.string().openapi({ example: "3.1.0" }) }).openapi(
            "OpenApiDocument",
          ),
        },
      },
    },
  },
});

/** What the reference is made from. */
export interface DocsDeps extends ApiDeps {
  /** Describes the whole app; called once it is complete. */
  readonly describe: () => ApiDocument;
}

/** Routes of the reference, for programs and for people. */
export function createDocsRoutes({ policy, describe }: DocsDeps) {
  let known: ApiDocument | null = null;
  const document = () => known ??= describe();
  const router = createRouter().openapi(
    getDocument,
    (c) => c.json(document() as never, 200, { "cache-control": CACHE }),
  );
  // Made once for a server's name: whoever calls it by another one pays for that alone.
  let made: { readonly origin: string; readonly page: Promise<string> } | null = null;
  const makePage = (origin: string) => {
    const needsToken = policy.tokens.length > 0;
    const props = { document: document(), stylesheet: STYLESHEET, origin, needsToken };
    if (made?.origin !== origin) made = { origin, page: renderReference(props) };
    return made.page;
  };
  router.get("/docs", async (c) => {
    const page = await makePage(readOrigin(c.req.url));
    return c.html(page, 200, { "cache-control": "no-cache", "content-security-policy": CONTENT_POLICY });
  });
  router.get(
    STYLESHEET,
    (c) =>
      c.body(REFERENCE_STYLE, 200, { "content-type": "text/css; charset=utf-8", "cache-control": CACHE }),
  );
  return router;
}

/** Commands hold it: a name that a shell would not take as it stands is not shown. */
function readOrigin(url: string): string {
  const { origin } = new URL(url);
  return /^https?:\/\/[A-Za-z0-9.:[\]-]+$/.test(origin) ? origin : "http://127.0.0.1:8080";
}
