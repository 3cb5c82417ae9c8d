/** Longest id that is taken over from a caller. */
const MAX_LENGTH = 64;

/** Makes ids of requests: the caller's own where it is fit for a log, else a new one. */
export function createRequestIds(): (given: string | null) => string {
  // Random bytes may not be asked for before the first request in every runtime.
  let prefix: string | null = null;
  let count = 0;
  return (given) => {
    if (given !== null && isFit(given)) return given;
    prefix ??= crypto.randomUUID().slice(0, 8);
    return `${prefix}-${(++count).toString(36)}`;
  };
}

/** 1–64 of A-Z a-z 0-9 . _ - */
function isFit(text: string): boolean {
  if (text.length === 0 || text.length > MAX_LENGTH) return false;
  for (let i = 0; i < text.length; i++) if (!isFitCode(text.charCodeAt(i))) return false;
  return true;
}

function isFitCode(code: number): boolean {
  const lower = code | 32;
  return lower >= 97 && lower <= 122 || code >= 48 && code <= 57 || code === 45 || code === 46 || code === 95;
}
