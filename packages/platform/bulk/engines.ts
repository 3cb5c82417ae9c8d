import type { SpanLimit } from "@ipcascade/core";
import { bulkLookUp, type ChunkEngine, createAnnotator } from "@ipcascade/operations/offline";
import { createAnnotationForm, createRecordForm, type RecordFormat } from "@ipcascade/render/records";
import { createMaxmindIndex, createMaxmindSource, type Mmdb } from "@ipcascade/sources/maxmind";

/** What is done with chunks, by name: a worker makes an engine of its own from it. */
export type EngineSpec = LookUpSpec | AnnotateSpec;

/** Records of addresses. */
export interface LookUpSpec {
  readonly name: "look_up";
  /** Any but `table`. */
  readonly format: RecordFormat;
  /** Largest block or range that is expanded, in addresses. */
  readonly maxSpan?: SpanLimit;
}

/** Lines of a log, with what is known about their addresses. */
export interface AnnotateSpec {
  readonly name: "annotate";
}

/** Open editions, one of them at least. */
export interface EngineEditions {
  readonly city: Mmdb | null;
  readonly asn: Mmdb | null;
}

/** Facts kept for what is looked up by itself: odd lines are few. */
const MAX_KEPT_FACTS = 10_000;

/** Makes an engine. Throws a `TypeError` for a format that can't be written in pieces. */
export function createEngine(spec: EngineSpec, editions: EngineEditions): ChunkEngine {
  const clock = { now: () => Date.now(), elapsed: () => performance.now() };
  const index = createMaxmindIndex(editions);
  if (index === null) throw new TypeError("Cannot look up in bulk: no edition is open");
  const maxmind = createMaxmindSource({ ...editions, elapsed: clock.elapsed, maxKept: MAX_KEPT_FACTS });
  const deps = { index, maxmind, clock };
  if (spec.name === "annotate") return createAnnotator({ ...deps, form: createAnnotationForm() });
  const form = createRecordForm(spec.format);
  if (form === null) throw new TypeError(`Cannot look up in bulk: ${spec.format} is not written in pieces`);
  return bulkLookUp({ ...deps, form }, { maxSpan: spec.maxSpan });
}
