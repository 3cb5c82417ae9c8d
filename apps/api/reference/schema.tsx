/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import { Fragment } from "hono/jsx";
import { type DescribedSchema, nameOfReference } from "./described.ts";
import { Inline } from "./prose.tsx";

/** The address of a schema within the page. */
export function schemaAnchor(name: string): string {
  return `schema-${name}`;
}

/** A type in a few words, with links to the schemas that it is made of. */
export function TypeName({ schema }: { readonly schema: DescribedSchema }) {
  if (schema.$ref !== undefined) {
    const name = nameOfReference(schema.$ref);
    return <a href={`#${schemaAnchor(name)}`}>{name}</a>;
  }
  const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (choices !== undefined) {
    return <Choices choices={choices} joint={schema.allOf === undefined ? " or " : " and "} />;
  }
  if (schema.enum !== undefined) return <>{schema.enum.map((value) => JSON.stringify(value)).join(", ")}</>;
  if (schema.const !== undefined) return <>{JSON.stringify(schema.const)}</>;
  if (schema.items !== undefined) {
    return (
      <>
        list of <TypeName schema={schema.items} />
      </>
    );
  }
  if (typeof schema.additionalProperties === "object") {
    return (
      <>
        by name: <TypeName schema={schema.additionalProperties} />
      </>
    );
  }
  return <>{describeType(schema)}</>;
}

function Choices(
  { choices, joint }: { readonly choices: readonly DescribedSchema[]; readonly joint: string },
) {
  return (
    <>
      {choices.map((choice, index) => (
        <Fragment key={String(index)}>
          {index === 0 ? "" : joint}
          <TypeName schema={choice} />
        </Fragment>
      ))}
    </>
  );
}

function describeType({ type, format }: DescribedSchema): string {
  const types = typeof type === "string" ? [type] : type ?? ["anything"];
  return types.map((name) => name === "string" && format !== undefined ? format : name).join(" or ");
}

/** The properties of an object, those of its parts included. */
export function Properties({ schema }: { readonly schema: DescribedSchema }) {
  const parts = [schema, ...schema.allOf ?? []];
  const rows = parts.flatMap(({ properties = {}, required = [] }) =>
    Object.entries(properties).map(([name, part]) => ({ name, part, isRequired: required.includes(name) }))
  );
  if (rows.length === 0) {
    return (
      <p>
        <TypeName schema={schema} />
      </p>
    );
  }
  return (
    <div class="wide" tabindex={0} role="region" aria-label="Properties">
      <table>
        <thead>
          <tr>
            <th scope="col">Property</th>
            <th scope="col">Type</th>
            <th scope="col">Meaning</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, part, isRequired }) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code>
                {isRequired ? "" : <small>optional</small>}
              </th>
              <td>
                <TypeName schema={part} />
              </td>
              <td>
                <Inline text={part.description} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
