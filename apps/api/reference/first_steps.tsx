/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import { type ExamplePlace, TOKEN_HEADER } from "./example.ts";

/** From nothing to an enriched address, many of them, health, and a job with its result. */
export function FirstSteps({ origin, needsToken }: ExamplePlace) {
  const curl = needsToken ? `curl ${TOKEN_HEADER}` : "curl";
  return (
    <section id="first-steps" aria-labelledby="first-steps-title">
      <h2 id="first-steps-title">First steps</h2>
      {needsToken
        ? (
          <p>
            Put a token into the shell first: <code>TOKEN=…</code>
          </p>
        )
        : null}
      <ol>
        {listSteps(origin, curl).map(([what, command]) => (
          <li key={command}>
            <p>{what}</p>
            <pre aria-label={what}>{command}</pre>
          </li>
        ))}
      </ol>
    </section>
  );
}

function listSteps(origin: string, curl: string): readonly (readonly [what: string, command: string])[] {
  return [
    [
      "Who is behind an address? Without installed editions Team Cymru and GreyNoise are asked; ?sources=cymru spends no quota.",
      `${curl} ${origin}/v1/ips/8.8.8.8`,
    ],
    [
      "Many at once, one a line; the records come back one a line, in the same order.",
      `printf '"8.8.8.8"\\n{"ip":"1.1.1.1"}\\n' | \\\n  ${curl} -H 'Content-Type: application/x-ndjson' --data-binary @- ${origin}/v1/ips`,
    ],
    ["How does everything stand, and what mends it?", `${curl} ${origin}/v1/health`],
    [
      "Fetch the newest editions: the job begins, and the answer says where its run is found.",
      `${curl} -i -X POST ${origin}/v1/jobs/update-editions/runs`,
    ],
    ["What came of it?", `${curl} '${origin}/v1/jobs/update-editions/runs?limit=1'`],
  ];
}
