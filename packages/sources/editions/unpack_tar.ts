import { type EditionSink, quoteInput } from "@ipcascade/core";
import { createTarDecoder, type TarHeader } from "modern-tar";
import type { UnpackContext } from "./unpack_edition.ts";

/**
 * Gives the one database of an archive to the sink. The archive may hold text files and folders besides; anything
 * else, and names that lead out of a folder, are refused, though nothing is ever written under a member's name.
 */
export async function unpackTar(pieces: AsyncIterable<Uint8Array>, context: UnpackContext): Promise<void> {
  const { readable, writable } = createTarDecoder({ strict: true });
  const feeding = feed(pieces, writable.getWriter());
  const entries = readable.getReader();
  let members = 0;
  let isFound = false;
  try {
    for (let next = await entries.read(); !next.done; next = await entries.read()) {
      const { header, body } = next.value;
      checkMember(header, ++members, context);
      if (isDatabase(header)) {
        checkDatabase(header, isFound, context);
        isFound = true;
        await readBody(body, context.sink);
      } else {
        // Not cancelled: the decoder would take it for word of the member behind it, which it has begun by then.
        await readBody(body, ignore);
      }
    }
  } finally {
    entries.cancel().catch(() => undefined);
    // What goes wrong there comes out of the entries; the input is left when this ends.
    await feeding;
  }
  if (!isFound) throw context.refuseArchive("it holds no database");
}

/** Never throws: a failure of the input becomes one of the entries. */
async function feed(
  pieces: AsyncIterable<Uint8Array>,
  writer: WritableStreamDefaultWriter<Uint8Array>,
): Promise<void> {
  try {
    for await (const piece of pieces) await writer.write(piece);
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => undefined);
  }
}

function checkMember(header: TarHeader, members: number, { limits, refuseArchive }: UnpackContext): void {
  if (members > limits.maxMembers) throw refuseArchive(`it holds more than ${limits.maxMembers} members`);
  const name = quoteInput(header.name);
  if (header.type !== "file" && header.type !== "directory") {
    throw refuseArchive(`its member ${name} is no file but a ${header.type ?? "member of no known type"}`);
  }
  if (leadsOut(header.name)) throw refuseArchive(`its member ${name} leads out of the archive`);
}

function leadsOut(name: string): boolean {
  return /^([/\\]|[a-z]:)/i.test(name) || name.split(/[/\\]/).includes("..");
}

function isDatabase({ name, type }: TarHeader): boolean {
  return type === "file" && /\.mmdb$/i.test(name);
}

function checkDatabase(header: TarHeader, isFound: boolean, context: UnpackContext): void {
  const { editionId, limits, refuseArchive } = context;
  const name = quoteInput(header.name);
  if (header.name.split(/[/\\]/).at(-1) !== `${editionId}.mmdb`) {
    throw refuseArchive(`it holds the database ${name}, which is of another edition`);
  }
  if (isFound) throw refuseArchive(`it holds a second database, ${name}`);
  if (header.size === 0) throw refuseArchive(`its member ${name} is empty`);
  if (header.size > limits.maxUnpackedBytes) {
    throw refuseArchive(
      `its member ${name} claims to have ${header.size} bytes, allowed are ${limits.maxUnpackedBytes}`,
    );
  }
}

async function readBody(body: ReadableStream<Uint8Array>, sink: EditionSink): Promise<void> {
  const reader = body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) await sink(next.value);
}

function ignore(): Promise<void> {
  return Promise.resolve();
}
