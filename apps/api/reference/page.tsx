/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { ApiDocument } from "../openapi.ts";
import { type DescribedSchema, listSchemas, listTags } from "./described.ts";
import type { ExamplePlace } from "./example.ts";
import { FirstSteps } from "./first_steps.tsx";
import { Operation } from "./operation.tsx";
import { Prose } from "./prose.tsx";
import { Properties, schemaAnchor } from "./schema.tsx";

/** What the page shows. */
export interface ReferenceProps {
  readonly document: ApiDocument;
  readonly stylesheet: string;
  readonly origin: string;
  readonly needsToken: boolean;
}

/** The reference of the API: readable without a script. */
export function Reference({ document, stylesheet, origin, needsToken }: ReferenceProps) {
  const { title, version, description } = document.info;
  const tags = listTags(document);
  const schemas = listSchemas(document);
  const place: ExamplePlace = { origin, needsToken, schemas: Object.fromEntries(schemas) };
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} API`}</title>
        <link rel="stylesheet" href={stylesheet} />
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header>
          <h1>{title} API</h1>
          <p class="soft">
            {version} · <a href="/openapi.json">openapi.json</a> · <a href="/">dashboard</a>
          </p>
        </header>
        <Contents tags={tags.map(({ name }) => name)} />
        <main id="main">
          <section aria-label="Introduction">
            <Prose text={description} />
          </section>
          <FirstSteps {...place} />
          {tags.map((tag) => (
            <section key={tag.name} id={tagAnchor(tag.name)} aria-labelledby={`${tagAnchor(tag.name)}-title`}>
              <h2 id={`${tagAnchor(tag.name)}-title`}>{tag.name}</h2>
              <Prose text={tag.description} />
              {tag.operations.map((operation) => (
                <Operation key={operation.operationId} operation={operation} place={place} />
              ))}
            </section>
          ))}
          <Schemas schemas={schemas} />
        </main>
      </body>
    </html>
  );
}

function tagAnchor(name: string): string {
  return `tag-${name}`;
}

function Contents({ tags }: { readonly tags: readonly string[] }) {
  return (
    <nav aria-label="Contents">
      <ul>
        <li>
          <a href="#first-steps">First steps</a>
        </li>
        {tags.map((name) => (
          <li key={name}>
            <a href={`#${tagAnchor(name)}`}>{name}</a>
          </li>
        ))}
        <li>
          <a href="#schemas">Schemas</a>
        </li>
      </ul>
    </nav>
  );
}

function Schemas({ schemas }: { readonly schemas: readonly (readonly [string, DescribedSchema])[] }) {
  return (
    <section id="schemas" aria-labelledby="schemas-title">
      <h2 id="schemas-title">Schemas</h2>
      {schemas.map(([name, schema]) => (
        <article key={name} id={schemaAnchor(name)} aria-labelledby={`${schemaAnchor(name)}-title`}>
          <h3 id={`${schemaAnchor(name)}-title`}>{name}</h3>
          <Prose text={schema.description} />
          <Properties schema={schema} />
        </article>
      ))}
    </section>
  );
}
