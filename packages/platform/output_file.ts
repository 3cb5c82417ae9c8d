import { realpath, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { quoteInput } from "@ipcascade/core";
import { isMissing, readErrorCode, replaceFile } from "./durable_files.ts";
import { OutputFailedError } from "./output_stream.ts";

/**
 * Writes a text into a file that somebody named: in one step, so that who reads it gets the old text or the new one. A
 * link is followed; what is there and no file, such as a device, is written into. Throws `OutputFailedError`.
 */
export async function writeOutputFile(path: string, text: string): Promise<void> {
  try {
    const target = await findTarget(resolve(path));
    if (target.isPlain) await replaceFile(target.path, text, dirname(target.path));
    else await writeFile(target.path, text);
  } catch (error) {
    const reason = readErrorCode(error) ?? String(error);
    throw new OutputFailedError(`Cannot write ${quoteInput(path)}: ${reason}`);
  }
}

async function findTarget(path: string): Promise<{ readonly path: string; readonly isPlain: boolean }> {
  try {
    const target = await realpath(path);
    return { path: target, isPlain: (await stat(target)).isFile() };
  } catch (error) {
    if (isMissing(error)) return { path, isPlain: true };
    throw error;
  }
}
