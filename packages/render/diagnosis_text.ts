import type { Diagnosis, DiagnosisFinding, DiagnosisFix, DiagnosisOverview } from "@ipcascade/operations";
import { cleanCell } from "./clean_cell.ts";
import { renderTextTable } from "./text_table.ts";

/** The page of `diagnose TOPIC`: cause, evidence, steps, fix, letter. */
export function renderDiagnosis(diagnosis: Diagnosis): string {
  const { steps, fix, letter } = diagnosis;
  return [
    `${cleanCell(describeCause(diagnosis))}\n`,
    renderFindings(diagnosis.findings),
    renderSteps(steps),
    fix === null ? "" : renderFix(fix),
    letter === null ? "" : renderLetter(letter),
  ].filter((part) => part !== "").join("\n");
}

/** The page of `diagnose`: a line for each topic, and what to run next. */
export function renderDiagnosisOverview({ grade, diagnoses }: DiagnosisOverview): string {
  const rows = diagnoses.map((one) => [one.topic, one.grade, one.cause, one.summary]);
  const faulty = diagnoses.filter((one) => one.grade !== "ok" && one.grade !== "info");
  const next = faulty.map(({ topic }) => `  ipcascade diagnose ${topic}\n`);
  return [
    `Diagnosis: ${grade}\n`,
    renderTextTable(["TOPIC", "GRADE", "CAUSE", ""], rows),
    next.length === 0 ? "" : `Evidence and steps:\n${next.join("")}`,
  ].join("");
}

function describeCause({ topic, grade, cause, summary }: Diagnosis): string {
  return cause === "none"
    ? `Diagnosis of ${topic}: ${grade}, nothing is wrong; ${summary}`
    : `Diagnosis of ${topic}: ${grade}, ${cause}; ${summary}`;
}

function renderFindings(findings: readonly DiagnosisFinding[]): string {
  if (findings.length === 0) return "";
  const rows = findings.map(({ check, grade, observed, unit, message }) => [
    check,
    grade,
    describeObserved(observed, unit),
    message,
  ]);
  return `Evidence\n${indent(renderTextTable(["CHECK", "GRADE", "OBSERVED", ""], rows))}`;
}

function describeObserved(observed: DiagnosisFinding["observed"], unit: string | null): string {
  if (observed === null) return "–";
  if (unit === null) return String(observed);
  // `1 session`, `1 request left`; `ms` is no plural.
  return `${observed} ${observed === 1 ? unit.replace(/^(\w{3,})s\b/, "$1") : unit}`;
}

function renderSteps(steps: readonly string[]): string {
  if (steps.length === 0) return "";
  return `Steps\n${steps.map((step, index) => `  ${index + 1}. ${cleanCell(step)}\n`).join("")}`;
}

function renderFix({ description, command, applied, result }: DiagnosisFix): string {
  const lines = [description];
  if (command !== null) lines.push(`The same as: ${command}`);
  if (result !== null) lines.push(applied ? `Done: ${result}` : `Not done: ${result}`);
  else lines.push("--fix does it");
  return `Fix\n${lines.map((line) => `  ${cleanCell(line)}\n`).join("")}`;
}

function renderLetter(letter: string): string {
  return `Letter\n${indent(`${letter.split("\n").map(cleanCell).join("\n")}\n`)}`;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
