import type { MaxmindIndex } from "@ipcascade/core";
import { BATCH_FRAGMENT_BYTES } from "../bulk/batch_answers.ts";
import type { BulkMemory } from "../bulk/bulk_memory.ts";
import type { AnnotationForm, TextForm } from "./annotation_form.ts";
import { AnswerColumns } from "./answer_columns.ts";
import { FormAnswers } from "./form_answers.ts";
import type { LogBatch } from "./log_batch.ts";

/** What answers are made of. */
export interface LogAnswersDeps {
  readonly index: MaxmindIndex;
  readonly memory: BulkMemory;
  readonly form: AnnotationForm;
  /** IPv4 addresses whose answers are kept in each form. */
  readonly maxKnown?: number;
}

/** Finds what is written behind each line of a batch. */
export class LogAnswers extends AnswerColumns {
  /** Sum of what was read only to have it at hand; kept, so that the reading is not optimised away. */
  touched = 0;
  readonly #deps: LogAnswersDeps;
  readonly #plain: FormAnswers;
  /** Null until a line is a JSON object. */
  #json: FormAnswers | null = null;

  constructor(deps: LogAnswersDeps) {
    super();
    this.#deps = deps;
    this.#plain = this.#open(deps.form.plain);
  }

  /** Looks a batch up; returns how many addresses were asked about. */
  lookUp(batch: LogBatch): number {
    if (batch.hasJson) this.#json ??= this.#open(this.#deps.form.json);
    this.#makeRoom();
    this.#touch(batch);
    const known = this.#findKnown(batch);
    return known + this.#plain.answer(this) + (this.#json?.answer(this) ?? 0);
  }

  #findKnown({ count, hasAddress, bits, addresses, isJson }: LogBatch): number {
    const { firsts, seconds } = this;
    const { bytes, fragmentsAt } = this.#deps.memory;
    let known = 0;
    let touched = 0;
    for (let i = 0; i < count; i++) {
      firsts[i] = 0;
      if (hasAddress[i] === 0) continue;
      const answers = isJson[i] === 0 ? this.#plain : this.#json!;
      const place = addresses[i] === null ? answers.known.find(bits[i]!) : -1;
      if (place < 0) {
        answers.ask(i, bits[i]!, addresses[i]!);
        continue;
      }
      const first = answers.known.firstAt(place);
      const second = answers.known.secondAt(place);
      firsts[i] = first;
      seconds[i] = second;
      touched += bytes[first]! + bytes[second]!;
      if (first >= fragmentsAt) known++;
    }
    this.touched += touched;
    return known;
  }

  #open(form: TextForm): FormAnswers {
    return new FormAnswers({ ...this.#deps, form });
  }

  /** Forgets everything when the batch may not have room: what is known must stay until its lines are written. */
  #makeRoom(): void {
    const { memory } = this.#deps;
    const isFull = memory.room < 2 * BATCH_FRAGMENT_BYTES || this.#plain.known.isFull ||
      this.#json?.known.isFull === true;
    if (!isFull) return;
    memory.clear();
    this.#plain.clear();
    this.#json?.clear();
  }

  #touch({ count, bits }: LogBatch): void {
    const { known } = this.#plain;
    let touched = 0;
    for (let i = 0; i < count; i++) touched += known.touch(bits[i]!);
    this.touched = touched;
  }
}
