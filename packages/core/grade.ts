/** How good or bad something is; `unknown` where it could not be found out, which is never "good". */
export type Grade = "ok" | "info" | "warning" | "critical" | "unknown";

/** From the best to the worst: what is not known may be bad, what is known to be critical is. */
export const GRADES: readonly Grade[] = ["ok", "info", "warning", "unknown", "critical"];

/** The worst of grades; `ok` where there are none. */
export function worstGrade<G extends Grade>(grades: readonly G[]): G | "ok" {
  return grades.reduce<G | "ok">(
    (worst, grade) => GRADES.indexOf(grade) > GRADES.indexOf(worst) ? grade : worst,
    "ok",
  );
}
