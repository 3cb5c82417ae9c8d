import {
  type IdlePlan,
  type InstalledEditions,
  type InventoryRow,
  type InventoryStore,
  planIdle,
  type PlanOptions,
} from "@ipcascade/core";
import type { BatchAddresses } from "./read_ahead.ts";

/** What the inventory knows about the addresses of a batch. */
export interface KnownRows {
  /** Rows by address; an address that is neither here nor idle is unknown. */
  readonly rows: ReadonlyMap<string, InventoryRow>;
  /** Addresses whose rows stay as they are, and were therefore not read. */
  readonly idle: ReadonlySet<string>;
  /** The editions by which idle addresses are idle; null also where there are none. */
  readonly installed: InstalledEditions | null;
  /** How many of the idle ones have which plan. */
  readonly idlePlans: readonly { readonly plan: IdlePlan; readonly count: number }[];
}

/** Reads all rows that the inventory has. */
export async function readRows(addresses: BatchAddresses, inventory: InventoryStore): Promise<KnownRows> {
  return {
    rows: await inventory.findMany([...addresses.keys()]),
    idle: new Set(),
    installed: null,
    idlePlans: [],
  };
}

/** Reads the rows about which a source may have to be asked; the others are told by one query without documents. */
export async function readDueRows(
  addresses: BatchAddresses,
  inventory: InventoryStore,
  readPlanOptions: () => PlanOptions,
): Promise<KnownRows> {
  // With `refresh` no row stays as it is.
  if (readPlanOptions().refresh) return readRows(addresses, inventory);
  const idle = new Set<string>();
  const idlePlans: { plan: IdlePlan; count: number }[] = [];
  const due: string[] = [];
  const groups = await inventory.findStates([...addresses.keys()]);
  const options = readPlanOptions();
  for (const { state, addresses: texts } of groups) {
    for (const family of [4, 6] as const) {
      const plan = planIdle({ family }, state, options);
      const members = texts.filter((text) => text.includes(":") === (family === 6));
      if (members.length === 0) continue;
      if (plan === null) due.push(...members);
      else {
        for (const text of members) idle.add(text);
        idlePlans.push({ plan, count: members.length });
      }
    }
  }
  return {
    rows: due.length === 0 ? new Map() : await inventory.findMany(due),
    idle,
    installed: options.installed,
    idlePlans,
  };
}

/** Whether other editions serve now than those by which addresses were found idle. */
export function isOutdated({ idle, installed }: KnownRows, now: InstalledEditions | null): boolean {
  return idle.size > 0 && installed !== now;
}
