/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */

/** The box to look an address up; works without the page's script. */
export function LookUpForm({ asked }: { readonly asked: string }) {
  return (
    <search>
      <form id="look-up" class="look-up" method="get" action="/">
        <label for="ip">Who is behind an address?</label>
        <div>
          <input
            id="ip"
            name="ip"
            type="text"
            value={asked}
            placeholder="8.8.8.8"
            required
            maxlength={64}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
          />
          <button type="submit" id="ask">Look up</button>
        </div>
      </form>
    </search>
  );
}
