import type { ApiDeps } from "../api_deps.ts";
import { createRouter } from "../router.ts";
import { createAssetRoutes } from "./assets.ts";
import { createBoard } from "./board.ts";
import { createDashboardRoutes } from "./dashboard_routes.tsx";
import { createJobPageRoutes } from "./job_routes.tsx";
import { createLoginRoutes } from "./login_routes.tsx";

/** The dashboard: pages for people, their style and their script. */
export function createPageRoutes(deps: ApiDeps) {
  const board = createBoard(deps.operations);
  return createRouter()
    .route("/", createAssetRoutes(deps))
    .route("/", createLoginRoutes(deps))
    .route("/", createJobPageRoutes(deps, board))
    .route("/", createDashboardRoutes(deps, board));
}
