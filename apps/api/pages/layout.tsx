/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";
import { ASSETS } from "./assets.ts";
import { Linked } from "./linked.tsx";

/** What every page shows around what is its own. */
export interface LayoutProps {
  readonly title: string;
  /** Null where a stranger may look. */
  readonly version: string | null;
  /** What has to be shown wherever the editions' results are shown. */
  readonly attributions: readonly string[];
  /** What the reader may do; null where nobody signs in. */
  readonly signedInAs: "read" | "operate" | null;
  /** Whether the page has the map, whose makers are named. */
  readonly hasMap?: boolean;
  readonly children?: Child;
}

/** A page. */
export function Layout({ title, version, attributions, signedInAs, hasMap = false, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        {/* Under no-referrer, browsers would not say that a form comes from here. */}
        <meta name="referrer" content="same-origin" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <link rel="icon" type="image/svg+xml" href={ASSETS.icon} />
        <link rel="stylesheet" href={ASSETS.style} />
        <script src={ASSETS.script} defer />
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header>
          <div class="within">
            <a class="brand" href="/">
              <img src={ASSETS.icon} alt="" width="28" height="28" />
              ipcascade
            </a>
            <nav aria-label="Other pages">
              <a href="/docs">API</a>
              {signedInAs !== null && <SignedIn scope={signedInAs} />}
            </nav>
          </div>
        </header>
        <p id="live" class="unseen" role="status" />
        <main id="main" class="within" tabindex={-1}>{children}</main>
        <footer>
          <div class="within">
            {version !== null && <p>ipcascade {version}. Times are UTC.</p>}
            {attributions.map((text) => (
              <p key={text}>
                <Linked text={text} />
              </p>
            ))}
            {hasMap && <p>World map: Natural Earth, public domain.</p>}
          </div>
        </footer>
      </body>
    </html>
  );
}

function SignedIn({ scope }: { readonly scope: "read" | "operate" }) {
  return (
    <form class="signed-in" method="post" action="/logout">
      <span class="soft">Scope {scope}</span>
      <button type="submit" id="sign-out">Sign out</button>
    </form>
  );
}
