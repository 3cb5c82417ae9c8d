import { type DeliveryFailure, EditionDeliveryError, quoteInput } from "@ipcascade/core";

/** What a refusal says besides its message. */
export interface RefusalDetails {
  /** By default only failures of the network are. */
  readonly isRetryable?: boolean;
  /** In milliseconds since 1970 UTC. */
  readonly retryAt?: number | null;
}

/** Makes the error of one piece of work; `state` says what is wrong, and holds no secret. */
export type Refuse = (
  failure: DeliveryFailure,
  state: string,
  details?: RefusalDetails,
) => EditionDeliveryError;

/** Prepares the errors of one piece of work, such as `Cannot download edition "GeoLite2-City"`. */
export function prepareRefusals(work: "find a release of" | "download", editionId: string): Refuse {
  const subject = `Cannot ${work} edition ${quoteInput(editionId)}`;
  return (failure, state, details) =>
    new EditionDeliveryError(`${subject}: ${state}`, { failure, ...details });
}

/** Throws when a name could lead out of the place where editions are. */
export function checkEditionId(editionId: string): void {
  if (/^[A-Za-z0-9][\w.-]*$/.test(editionId)) return;
  throw new TypeError(
    `Cannot use ${quoteInput(editionId)} as edition id: allowed are letters, digits, - _ .`,
  );
}
