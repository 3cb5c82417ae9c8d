import { CowrieByteReader, type CowrieEvent, readCowrieLine } from "@ipcascade/core";
import { MAX_LINE_BYTES } from "./line_splitter.ts";

/** Lines of one log that follow each other. */
export interface LogBlock {
  /** The log's name, for messages. */
  readonly name: string;
  /** True when its first line is the log's first. */
  readonly isFirst: boolean;
  /** Whole lines; the last may lack the line feed. They are the reader's until it asks for the next block. */
  readonly bytes: Uint8Array;
  /** True for the beginning of one line of more than `MAX_LINE_BYTES`. */
  readonly isCut?: boolean;
}

/** A line that was not taken. */
export interface RefusedLine {
  /** The line without its end. */
  readonly text: string;
  /** Its number in the log, from 1. */
  readonly number: number;
  readonly problem: string;
}

/** Who is given what a log says. */
export interface CowrieSink {
  /** Takes an event; says what is wrong with it, null when nothing is. */
  take(event: CowrieEvent): string | null;
  /** Told of a line that is no event, and of one whose event has something wrong with it. */
  refuse(line: RefusedLine): void;
}

const LINE_FEED = 10;

const TOO_LONG = `a line of more than ${MAX_LINE_BYTES} bytes is skipped`;

/**
 * Reads Cowrie's JSON logs block by block: each line from its bytes where that is sure, else by way of its text, with
 * the same result. Takes a byte order mark from the first line, U+FFFD for what is not UTF-8, passes over blank lines.
 */
export class CowrieLogReader {
  readonly #bytes = new CowrieByteReader();
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #line = 1;

  /** Reads the lines of the next block. */
  read(block: LogBlock, sink: CowrieSink): void {
    const { bytes, isFirst } = block;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (isFirst) this.#line = 1;
    const start = isFirst ? skipByteOrderMark(bytes) : 0;
    if (block.isCut === true) return this.#refuseCut(bytes.subarray(start), sink);
    // Nothing but the mark is a line, too.
    if (start > 0 && start === bytes.length) this.#line++;
    for (let at = start; at < bytes.length; this.#line++) {
      const event = this.#bytes.read(view, at);
      const end = event === null ? findLineEnd(bytes, at) : this.#bytes.end;
      if (event === null) this.#readText(this.#decode(bytes, at, end), sink);
      else {
        const problem = sink.take(event);
        if (problem !== null) {
          sink.refuse({ text: this.#decode(bytes, at, end), number: this.#line, problem });
        }
      }
      at = end;
    }
  }

  #refuseCut(bytes: Uint8Array, sink: CowrieSink): void {
    sink.refuse({ text: this.#decode(bytes, 0, bytes.length), number: this.#line++, problem: TOO_LONG });
  }

  #readText(text: string, sink: CowrieSink): void {
    if (text.trim() === "") return;
    const event = readCowrieLine(text);
    const problem = "problem" in event ? event.problem : sink.take(event);
    if (problem !== null) sink.refuse({ text, number: this.#line, problem });
  }

  #decode(bytes: Uint8Array, from: number, end: number): string {
    const text = this.#decoder.decode(bytes.subarray(from, end));
    return text.replace(/\r?\n$|\r$/, "");
  }
}

/** The place behind the line feed, or behind the last byte. */
function findLineEnd(bytes: Uint8Array, from: number): number {
  const at = bytes.indexOf(LINE_FEED, from);
  return at < 0 ? bytes.length : at + 1;
}

function skipByteOrderMark(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}
