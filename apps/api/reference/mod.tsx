/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import { Reference, type ReferenceProps } from "./page.tsx";

/** The reference as an HTML page. */
export async function renderReference(props: ReferenceProps): Promise<string> {
  return `<!DOCTYPE html>${await (<Reference {...props} />).toString()}`;
}
