/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */

/** What a sentence may end with and an address in it does not. */
const ADDRESS = /(https:\/\/[\w.-]+(?:\/[\w./~%?=&#-]*)?(?<![.?]))/;

/** A text whose https addresses are links. */
export function Linked({ text }: { readonly text: string }) {
  return (
    <>
      {text.split(ADDRESS).map((part, index) =>
        index % 2 === 0 ? part : <a href={part} key={index}>{part}</a>
      )}
    </>
  );
}
