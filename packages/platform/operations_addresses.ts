import { type AddressOperations, enrichMany, IncidentBudget, lookUp } from "@ipcascade/operations";
import type { OperationParts } from "./open_operations.ts";

/** Wires asking about addresses. What an incident of MaxMind may cost Team Cymru is shared by all runs. */
export function wireAddresses({ cascade, clock }: OperationParts): AddressOperations {
  const budget = new IncidentBudget(clock);
  return {
    maxmind: cascade.maxmind,
    enrich: (inputs, options) =>
      enrichMany(inputs, cascade, { budget, batchSize: cascade.batchSize, ...options }),
    lookUp: (inputs, options) => lookUp(inputs, cascade, options),
  };
}
