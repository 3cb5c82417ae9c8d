/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import { Fragment } from "hono/jsx";
import { PROBLEM_TYPE } from "../problem.ts";
import type { DescribedContent, DescribedOperation, DescribedParameter } from "./described.ts";
import { type ExamplePlace, writeCurl } from "./example.ts";
import { Inline, Prose } from "./prose.tsx";
import { TypeName } from "./schema.tsx";

/** One operation with everything that there is to know. */
export function Operation(
  { operation, place }: { readonly operation: DescribedOperation; readonly place: ExamplePlace },
) {
  const { operationId, method, path, summary, description, parameters = [], requestBody } = operation;
  return (
    <article id={operationId} aria-labelledby={`${operationId}-title`}>
      <h3 id={`${operationId}-title`}>
        <span class={`method ${method}`}>{method.toUpperCase()}</span> <code>{path}</code>
      </h3>
      <p class="summary">
        <Inline text={summary} />
      </p>
      <Prose text={description} />
      <p class="soft">{describeScope(operation["x-required-scope"])}</p>
      <pre aria-label="Example">{writeCurl(operation, place)}</pre>
      {parameters.length === 0 ? null : <Parameters parameters={parameters} />}
      {requestBody === undefined ? null : (
        <>
          <h4>Body</h4>
          <ul>
            <Contents content={requestBody.content} />
          </ul>
        </>
      )}
      <Answers operation={operation} />
    </article>
  );
}

function describeScope(scope: string | undefined): string {
  return scope === undefined ? "Open to everybody." : `Scope: ${scope}.`;
}

function Parameters({ parameters }: { readonly parameters: readonly DescribedParameter[] }) {
  return (
    <>
      <h4>Parameters</h4>
      <dl>
        {parameters.map((parameter) => (
          <Fragment key={parameter.name}>
            <dt>
              <code>{parameter.name}</code> <small>{describePlace(parameter)}</small>
            </dt>
            <dd>
              <TypeName schema={parameter.schema ?? {}} />
              {parameter.description === undefined ? "" : ": "}
              <Inline text={parameter.description} />
            </dd>
          </Fragment>
        ))}
      </dl>
    </>
  );
}

function describePlace({ in: place, required }: DescribedParameter): string {
  return `in the ${place}${required === true ? "" : ", optional"}`;
}

function Contents({ content }: { readonly content: DescribedContent }) {
  return (
    <>
      {Object.entries(content).map(([type, { schema = {} }]) => (
        <li key={type}>
          <code>{type}</code>: <TypeName schema={schema} />
          {schema.description === undefined ? "" : (
            <small>
              <Inline text={schema.description} />
            </small>
          )}
        </li>
      ))}
    </>
  );
}

function Answers({ operation }: { readonly operation: DescribedOperation }) {
  const answers = Object.entries(operation.responses).sort(([a], [b]) => Number(a) - Number(b));
  const own = answers.filter(([, { content = {} }]) => !isProblem(content));
  const problems = answers.filter(([, { content = {} }]) => PROBLEM_TYPE in content);
  return (
    <>
      <h4>Answers</h4>
      <dl>
        {own.map(([status, { description, content = {} }]) => (
          <Fragment key={status}>
            <dt>
              <code>{status}</code> <Inline text={description} />
            </dt>
            <dd>
              <ul>
                <Contents content={withoutProblem(content)} />
              </ul>
            </dd>
          </Fragment>
        ))}
      </dl>
      <p class="soft">
        Problems: {problems.map(([status]) => status).join(", ")}, each a{" "}
        <a href="#schema-Problem">Problem</a>.
      </p>
    </>
  );
}

function isProblem(content: DescribedContent): boolean {
  const types = Object.keys(content);
  return types.length === 1 && types[0] === PROBLEM_TYPE;
}

function withoutProblem(content: DescribedContent): DescribedContent {
  return Object.fromEntries(Object.entries(content).filter(([type]) => type !== PROBLEM_TYPE));
}
