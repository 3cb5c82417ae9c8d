/** The part of the web's `fetch` that the sources use; the global one fits. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;
