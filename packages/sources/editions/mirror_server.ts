import { EditionDeliveryError } from "@ipcascade/core";
import { cleanText } from "../clean_text.ts";
import { readBoundedText } from "./bounded_text.ts";
import { exchange, type HttpInquiry } from "./http_exchange.ts";
import type { HttpPeer } from "./http_peer.ts";
import { type HttpProbe, probe } from "./http_probe.ts";
import { requireOk } from "./http_status.ts";
import { readLastModified } from "./last_modified.ts";
import { MAX_CHECKSUM_FILE_BYTES, type MirrorPlace, type MirrorWork } from "./mirror_place.ts";

/** A mirror behind http or https. */
export function createMirrorServer(peer: HttpPeer): MirrorPlace {
  const inquire = (name: string, work: MirrorWork, totalMs: number): HttpInquiry => ({
    ...work,
    method: "GET",
    path: `/${encodeURIComponent(name)}${peer.query}`,
    totalMs,
  });
  return {
    find: async (name, work) => {
      const found = await probe(peer, inquire(name, work, peer.timeouts.findMs));
      return found === null ? null : { version: readVersion(found) };
    },
    readText: async (name, work) => await readText(peer, inquire(name, work, peer.timeouts.findMs)),
    open: async (name, work, use) => {
      const inquiry = inquire(name, work, peer.timeouts.downloadMs);
      return await exchange(peer, inquiry, async (answer) => {
        await requireOk(answer, inquiry, peer);
        return await use({ ...answer, modifiedAt: readLastModified(answer.headers) });
      });
    },
  };
}

async function readText(peer: HttpPeer, inquiry: HttpInquiry): Promise<string | null> {
  const { refuse } = inquiry;
  try {
    return await exchange(peer, inquiry, async (answer) => {
      if (answer.status === 404 || answer.status === 410) return null;
      await requireOk(answer, inquiry, peer);
      return await readBoundedText(answer.chunks, { maxBytes: MAX_CHECKSUM_FILE_BYTES, refuse });
    });
  } catch (error) {
    // Stores whose content may not be listed say so of a file that is not there.
    if (error instanceof EditionDeliveryError && error.failure === "forbidden") return null;
    throw error;
  }
}

/** The entity tag; where there is none, the time of change and the length. */
function readVersion({ headers, totalBytes }: HttpProbe): string | null {
  // Servers call a tag weak as soon as they might compress: it is the same file.
  const tag = cleanText(headers.get("etag") ?? "", 200)?.replace(/^W\//, "");
  if (tag !== undefined) return tag;
  const modifiedAt = readLastModified(headers);
  return modifiedAt === null ? null : `${modifiedAt} ${totalBytes ?? ""}`.trim();
}
