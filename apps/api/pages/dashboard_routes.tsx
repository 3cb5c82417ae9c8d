/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { Context } from "hono";
import { renderWorldSvg } from "@ipcascade/render/world_svg";
import type { ApiDeps, ApiEnv } from "../api_deps.ts";
import { createRouter } from "../router.ts";
import { Answer, AnswerPage } from "./answer.tsx";
import { answerFragment, answerPage } from "./answer_page.ts";
import type { Board } from "./board.ts";
import { Dashboard, Panels } from "./dashboard.tsx";
import { findRecord } from "./find_record.ts";
import { readTold } from "./job_routes.tsx";
import { describeFrame } from "./page_frame.ts";

/** An address has less; what is longer is quoted in part. */
const MAX_INPUT = 200;

/** Routes of what people look at. */
export function createDashboardRoutes(deps: ApiDeps, board: Board) {
  const router = createRouter();
  router.get("/", (c) => answerDashboard(c, deps, board));
  router.get(
    "/fragments/board",
    async (c) => await answerFragment(c, <Panels state={await board.read()} mayRun={mayRun(c)} />),
  );
  router.get("/fragments/answer", async (c) => {
    const text = readInput(c.req.query("ip"));
    return await answerFragment(c, <Answer text={text} found={await find(c, deps, text)} />);
  });
  router.get("/ips/:ip", async (c) => {
    const text = readInput(c.req.param("ip"));
    const found = await find(c, deps, text);
    const page = <AnswerPage frame={describeFrame(c, deps)} text={text} found={found} />;
    return await answerPage(c, page, found.kind === "refused" ? 400 : 200);
  });
  router.get("/charts/world.svg", async (c) => {
    const coverage = await board.coverage.read();
    const countries = coverage.isKnown ? coverage.value.newest?.countries ?? {} : {};
    return c.body(renderWorldSvg(countries), 200, MAP_HEADERS);
  });
  return router;
}

/** A drawing has its colours in itself, and nothing else. Its address changes with each snapshot. */
const MAP_HEADERS = {
  "content-type": "image/svg+xml",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
  "cache-control": "private, max-age=3600",
  "x-content-type-options": "nosniff",
};

async function answerDashboard(c: Context<ApiEnv>, deps: ApiDeps, board: Board): Promise<Response> {
  const asked = readInput(c.req.query("ip"));
  const [state, found] = await Promise.all([board.read(), asked === "" ? null : find(c, deps, asked)]);
  const told = readTold(c.req.query("told"), c.req.query("job"));
  return await answerPage(
    c,
    <Dashboard
      frame={describeFrame(c, deps)}
      state={state}
      mayRun={mayRun(c)}
      asked={asked}
      answer={found === null ? null : <Answer text={asked} found={found} />}
      told={told}
    />,
  );
}

function find(c: Context<ApiEnv>, { operations }: ApiDeps, text: string) {
  return findRecord(text, { operations, signal: c.get("signal") });
}

function readInput(text: string | undefined): string {
  return (text ?? "").trim().slice(0, MAX_INPUT);
}

function mayRun(c: Context<ApiEnv>): boolean {
  return c.get("scope") === "operate";
}
