/** Tells whether something is at a path. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}

/** Bytes of a file. */
export async function sizeOf(path: string): Promise<number> {
  return (await Deno.stat(path)).size;
}
