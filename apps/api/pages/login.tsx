/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import { Layout, type LayoutProps } from "./layout.tsx";

/** What the page shows. */
export interface LoginProps {
  readonly frame: Omit<LayoutProps, "title" | "children">;
  /** Where to go on to, a path. */
  readonly next: string;
  /** True after a token that is none. */
  readonly isRefused: boolean;
}

/** Where a token is given. */
export function Login({ frame, next, isRefused }: LoginProps) {
  return (
    <Layout title="Sign in – ipcascade" {...frame}>
      <section class="panel login" aria-labelledby="login-title">
        <h1 id="login-title">Sign in</h1>
        <form method="post" action="/login">
          <input type="hidden" name="next" value={next} />
          {/* Password managers file a token under a name. */}
          <input type="text" name="user" value="ipcascade" autocomplete="username" hidden />
          <label for="token">Token</label>
          <input
            id="token"
            name="token"
            type="password"
            required
            maxlength={512}
            autocomplete="current-password"
            autofocus
            aria-invalid={isRefused ? "true" : undefined}
            aria-describedby={isRefused ? "refused note" : "note"}
          />
          {isRefused && <p id="refused" class="away" role="alert">This is no token of this server.</p>}
          <button type="submit" id="sign-in">Sign in</button>
          <p id="note" class="soft">
            A token of IPCASCADE_API_TOKENS. It stays in a cookie for 12 hours, which no script can read.
          </p>
        </form>
      </section>
    </Layout>
  );
}

/** A page that says one thing. */
export function Notice({ frame, title, message }: {
  readonly frame: Omit<LayoutProps, "title" | "children">;
  readonly title: string;
  readonly message: string;
}) {
  return (
    <Layout title={`${title} – ipcascade`} {...frame}>
      <section class="panel login" aria-labelledby="notice-title">
        <h1 id="notice-title">{title}</h1>
        <p>{message}</p>
        <p>
          <a href="/">To the dashboard</a>
        </p>
      </section>
    </Layout>
  );
}
