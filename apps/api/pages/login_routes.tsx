/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { Context } from "hono";
import type { ApiDeps, ApiEnv } from "../api_deps.ts";
import { createRouter } from "../router.ts";
import { clearTokenCookie, writeTokenCookie } from "../token_cookie.ts";
import { createTokenVerifier, type TokenVerifier } from "../token_verifier.ts";
import { answerPage } from "./answer_page.ts";
import { Login, Notice } from "./login.tsx";
import { describeOpenFrame } from "./page_frame.ts";
import { isOwnForm, isSecure, readLocalPath } from "./request_origin.ts";

/** Routes of signing in and out; how often somebody may try is the guard's. */
export function createLoginRoutes(deps: ApiDeps) {
  const router = createRouter();
  const verifier = createTokenVerifier(deps.policy.tokens);
  router.get("/login", (c) => {
    if (deps.policy.tokens.length === 0) return c.redirect("/", 303);
    return answerLogin(c, deps, { next: readLocalPath(c.req.query("next")), isRefused: false });
  });
  router.post("/login", (c) => signIn(c, deps, verifier));
  router.post("/logout", (c) => {
    if (!isOwnForm(c)) return answerForeign(c, deps);
    c.header("set-cookie", clearTokenCookie(isSecure(c)));
    return c.redirect("/login", 303);
  });
  return router;
}

async function signIn(c: Context<ApiEnv>, deps: ApiDeps, verifier: TokenVerifier): Promise<Response> {
  if (!isOwnForm(c)) return await answerForeign(c, deps);
  const { token, next } = await c.req.parseBody();
  const path = readLocalPath(next);
  const known = typeof token === "string" ? await verifier.verify(token) : null;
  if (known === null) return await answerLogin(c, deps, { next: path, isRefused: true });
  c.header("set-cookie", writeTokenCookie(token as string, isSecure(c)));
  return c.redirect(path, 303);
}

function answerLogin(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  { next, isRefused }: { readonly next: string; readonly isRefused: boolean },
): Promise<Response> {
  const frame = describeOpenFrame(c, deps);
  return answerPage(c, <Login frame={frame} next={next} isRefused={isRefused} />, isRefused ? 401 : 200);
}

/** Refuses a form that another site sent. */
export function answerForeign(c: Context<ApiEnv>, deps: ApiDeps): Promise<Response> {
  const message = "This form was sent by another site. Nothing was done.";
  return answerPage(c, <Notice frame={describeOpenFrame(c, deps)} title="Refused" message={message} />, 403);
}
