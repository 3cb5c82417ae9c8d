/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */

/** A text of the document: what stands between backticks is code, and an empty line begins a paragraph. */
export function Prose({ text }: { readonly text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <>
      {text.split(/\n{2,}/).map((paragraph) => (
        <p key={paragraph}>
          <Inline text={paragraph} />
        </p>
      ))}
    </>
  );
}

/** A text within a line. */
export function Inline({ text = "" }: { readonly text?: string }) {
  return <>{text.split("`").map((part, index) => index % 2 === 1 ? <code key={index}>{part}</code> : part)}
  </>;
}
