/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { Context } from "hono";
import { JOB_NAMES, type JobName, JobRunningError, LockHeldError } from "@ipcascade/core";
import type { ApiDeps, ApiEnv } from "../api_deps.ts";
import { createRouter } from "../router.ts";
import { answerPage } from "./answer_page.ts";
import type { Board } from "./board.ts";
import { Notice } from "./login.tsx";
import { answerForeign } from "./login_routes.tsx";
import { describeFrame } from "./page_frame.ts";
import { describeTrouble } from "./reading.ts";
import { isOwnForm } from "./request_origin.ts";

/** The route of the buttons that run jobs. */
export function createJobPageRoutes(deps: ApiDeps, board: Board) {
  const router = createRouter();
  router.post("/jobs/:name/run", async (c) => {
    if (!isOwnForm(c)) return await answerForeign(c, deps);
    if (c.get("scope") !== "operate") {
      return await answerNotice(c, deps, 403, "Your token may look, not run jobs.");
    }
    const job = JOB_NAMES.find((name) => name === c.req.param("name"));
    if (job === undefined) return await answerNotice(c, deps, 404, "There is no such job.");
    return await startJob(c, job, { deps, board });
  });
  return router;
}

/** What became of a button. */
export interface Told {
  readonly job: JobName;
  readonly told: "started" | "running";
}

async function startJob(
  c: Context<ApiEnv>,
  job: JobName,
  { deps, board }: { readonly deps: ApiDeps; readonly board: Board },
): Promise<Response> {
  const { operations } = deps;
  try {
    await operations.startJob({ job, actor: c.get("caller"), signal: c.get("signal") });
    board.forgetJobs();
    return c.redirect(`/?told=started&job=${job}`, 303);
  } catch (error) {
    if (error instanceof JobRunningError || error instanceof LockHeldError) {
      return c.redirect(`/?told=running&job=${job}`, 303);
    }
    return await answerNotice(
      c,
      deps,
      503,
      `${job} was not started: ${describeTrouble(error, operations.log)}.`,
    );
  }
}

/** What is told after a button was pressed; null for what no button leads to. */
export function readTold(told: string | undefined, name: string | undefined): Told | null {
  const job = JOB_NAMES.find((one) => one === name);
  return job !== undefined && (told === "started" || told === "running") ? { job, told } : null;
}

function answerNotice(c: Context<ApiEnv>, deps: ApiDeps, status: 403 | 404 | 503, message: string) {
  const title = status === 503 ? "Not started" : "Refused";
  return answerPage(c, <Notice frame={describeFrame(c, deps)} title={title} message={message} />, status);
}
