import { BackupDamagedError, type BackupTable, CopyTextChecker } from "@ipcascade/core";

/**
 * Passes rows in COPY's text format on and decodes every field meanwhile, up to the first one that is not what its
 * column says: that is told once. The rows go on: what a database holds is worth keeping.
 */
export async function* watchForBadRows(
  table: Pick<BackupTable, "table" | "columns">,
  chunks: AsyncIterable<Uint8Array>,
  onBadRow: (error: BackupDamagedError) => void,
): AsyncIterable<Uint8Array> {
  const checker = createChecker(table);
  let isGood = true;
  const attempt = (check: () => void) => {
    try {
      if (isGood) check();
    } catch (error) {
      if (!(error instanceof BackupDamagedError)) throw error;
      isGood = false;
      onBadRow(error);
    }
  };
  for await (const chunk of chunks) {
    attempt(() => checker.update(chunk));
    yield chunk;
  }
  attempt(() => checker.finish());
}

/** Passes rows in COPY's text format on, having decoded every field. Throws `BackupDamagedError` naming row and column. */
export async function* checkRows(
  table: Pick<BackupTable, "table" | "columns">,
  chunks: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  const checker = createChecker(table);
  for await (const chunk of chunks) {
    checker.update(chunk);
    yield chunk;
  }
  checker.finish();
}

function createChecker(table: Pick<BackupTable, "table" | "columns">): CopyTextChecker {
  // Without the mark of byte order the decoder would keep to itself what a field may begin with.
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return new CopyTextChecker(table, (bytes) => decoder.decode(bytes));
}
