import { createFetch } from "./http.ts";
import { toLine } from "./notifier_failure.ts";

/** What is posted. */
export interface TextPost {
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  /** For the whole exchange. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** What is read of an answer that says no. */
const MAX_ANSWER_BYTES = 256;

/**
 * Posts a text. Gives null when it was taken, else the status and what the server says, in one line. Redirects are not
 * followed: the text would go where nobody sent it. Throws what the connection throws.
 */
export async function postText(url: string, post: TextPost): Promise<string | null> {
  const { body, contentType, timeoutMs, signal } = post;
  const response = await createFetch({ timeoutMs })(url, {
    method: "POST",
    headers: { "content-type": contentType, "user-agent": "ipcascade" },
    body,
    signal,
  });
  if (response.ok) {
    // Not awaited: what else it says is of no interest.
    response.body?.cancel().catch(() => {});
    return null;
  }
  const said = toLine(await readStart(response));
  return `answered ${response.status}${said === "" ? "" : `: ${said}`}`;
}

async function readStart(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  try {
    const { value } = await reader.read();
    return new TextDecoder().decode(value?.subarray(0, MAX_ANSWER_BYTES));
  } catch {
    // The status is known; the words are not needed.
    return "";
  } finally {
    reader.cancel().catch(() => {});
  }
}
