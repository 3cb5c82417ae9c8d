/** The schema of pg-boss's tables: not its own default, which another program in the database may use. */
export const QUEUE_SCHEMA = "ipcascade_queue";

/** Batches that wait, are worked on or are done. */
export const QUEUE = "enrich";
/** Batches that were given up. */
export const DEAD = "enrich-dead";

export const JOB = `${QUEUE_SCHEMA}.job`;

/** A worker that is silent for so long loses its batch, in seconds. */
export const LEASE_S = 30;
