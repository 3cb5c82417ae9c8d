import { judgeYear } from "../year/judge_year.ts";
import { live } from "../year/live.ts";
import type { Plan } from "../year/plan.ts";
import type { Evidence } from "./figures.ts";

/** Lives through a whole year of releases, faults and downtime, with the clock of the year. */
export async function proveYear(plan: Plan): Promise<Evidence> {
  const { broken, mails, figures } = await live(plan, judgeYear);
  const conditions = "real jobs on the embedded database against the lab, driven by the clock of the year";
  const told = Object.fromEntries(mails.map((mail, index) => [`mail ${index + 1}`, mail]));
  return { conditions, figures: { ...figures, ...told }, broken };
}
