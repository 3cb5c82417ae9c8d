import { z } from "@hono/zod-openapi";
import { type IpRecord, SCOPES } from "@ipcascade/core";
import { describing } from "./agreement.ts";
import { instant, listOf } from "./common.ts";

const MaxmindSchema = z.object({
  country_code: z.string().nullable(),
  country_name: z.string().nullable(),
  city: z.string().nullable(),
  latitude: z.number().nullable(),
  longitude: z.number().nullable(),
  accuracy_radius: z.number().nullable().openapi({ description: "Kilometres" }),
  asn: z.number().int().nullable(),
  asn_org: z.string().nullable(),
  database_build: instant(),
  checked_at: instant(),
}).openapi("MaxmindAnswer");

const CymruSchema = z.object({
  asn: z.number().int(),
  asns: listOf(z.number().int()).openapi({ description: "Every origin AS, ascending" }),
  asn_org: z.string().nullable(),
  country_code: z.string().nullable().openapi({ description: "Of the registry, not of the host" }),
  registry: z.string().nullable(),
  prefix: z.string().nullable(),
  allocated: z.string().nullable(),
  checked_at: instant(),
}).openapi("CymruAnswer");

const GreynoiseSchema = z.object({
  noise: z.boolean(),
  riot: z.boolean(),
  classification: z.string().nullable(),
  name: z.string().nullable(),
  last_seen: z.string().nullable(),
  checked_at: instant(),
}).openapi("GreynoiseAnswer");

const ProvenanceSchema = z.object({
  outcome: z.enum(["hit", "miss", "failed", "skipped"]),
  reason: z.string().optional(),
  checked_at: instant(),
  duration_ms: z.number(),
  until: instant().optional(),
}).openapi("SourceProvenance");

const EnrichmentSchema = z.object({
  maxmind: MaxmindSchema.optional(),
  cymru: CymruSchema.optional(),
  greynoise: GreynoiseSchema.optional(),
  address: z.object({ scope: z.enum(SCOPES) }),
  _meta: z.object({
    version: z.number().int(),
    sources: z.object({
      maxmind: ProvenanceSchema.optional(),
      cymru: ProvenanceSchema.optional(),
      greynoise: ProvenanceSchema.optional(),
    }),
  }),
}).openapi("Enrichment");

/** What is known about one address. */
export const RecordSchema = describing<IpRecord>()(
  z.object({
    input: z.string().openapi({ description: "The text as it was given", example: "8.8.8.8" }),
    ip_address: z.string().openapi({ description: "In canonical form", example: "8.8.8.8" }),
    scope: z.enum(SCOPES),
    geo_country: z.string().nullable().openapi({ example: "US" }),
    geo_city: z.string().nullable(),
    geo_latitude: z.number().nullable(),
    geo_longitude: z.number().nullable(),
    asn_number: z.number().int().nullable().openapi({ example: 15169 }),
    asn_org: z.string().nullable(),
    asn_source: z.enum(["maxmind", "cymru"]).nullable(),
    is_scanner: z.boolean(),
    enrichment_ts: instant().nullable(),
    scanner_ts: instant().nullable(),
    enrichment: EnrichmentSchema,
    from_inventory: z.boolean().openapi({ description: "True when no source was asked" }),
  }).openapi("Record"),
);

/** A place of the input that can't be looked up. */
export const FailedRecordSchema = z.object({
  input: z.string().openapi({ description: "The text as it was given", example: "999.1.1.1" }),
  error: z.object({
    code: z.enum(["INVALID_ADDRESS", "RANGE_TOO_LARGE", "UNREADABLE_LINE"]),
    message: z.string(),
  }),
}).openapi("FailedRecord");

/** The last line of an answer that is not complete. */
export const BrokenOffSchema = z.object({
  error: z.object({ code: z.string().openapi({ example: "STORE_FAILED" }), message: z.string() }),
}).openapi("BrokenOff");

/** One line of the answer about many addresses. */
export const LineSchema = z.union([RecordSchema, FailedRecordSchema, BrokenOffSchema]);
