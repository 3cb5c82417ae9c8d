import { BATCH_LINES } from "../bulk/address_columns.ts";

/** Of each line of a batch where the two fragments of its answer stand, each with its header; 0 where there is none. */
export class AnswerColumns {
  readonly firsts = new Int32Array(BATCH_LINES);
  readonly seconds = new Int32Array(BATCH_LINES);
}
