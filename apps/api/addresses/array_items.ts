import { quoteInput, UsageError } from "@ipcascade/core";
import type { InputItem } from "@ipcascade/operations";
import { MAX_ELEMENT_SIZE, readElement, tooLongItem } from "./element.ts";
import type { BodyReader } from "./line_items.ts";

/** How much of an element that is too long is kept, to show it. */
const HEAD_SIZE = 80;

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const NEWLINE = 10;

/**
 * Reads the elements of a JSON array as its bytes come; no more than one element is held. An element that makes no
 * sense is an item with a problem, in its place.
 */
export class ArrayReader implements BodyReader {
  readonly #decoder = new TextDecoder();
  #phase: "before" | "within" | "after" = "before";
  #line = 1;
  #element = "";
  #elementLine = 1;
  #isTooLong = false;
  #count = 0;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  push(bytes: Uint8Array): readonly InputItem[] {
    return this.#read(this.#decoder.decode(bytes, { stream: true }));
  }

  end(): readonly InputItem[] {
    const items = this.#read(this.#decoder.decode());
    if (this.#phase === "before") throw new UsageError("Cannot read the body as a JSON array: it is empty");
    if (this.#phase === "within") {
      throw new UsageError(`Cannot read the body to its end: the array is not closed (line ${this.#line})`);
    }
    return items;
  }

  #read(text: string): readonly InputItem[] {
    const items: InputItem[] = [];
    let start = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === NEWLINE) this.#line++;
      if (this.#phase !== "within") {
        this.#readOutside(code, text.slice(i, i + HEAD_SIZE));
        start = i + 1;
      } else if (this.#endsElement(code)) {
        this.#extend(text, start, i);
        this.#finish(code === COMMA, items);
        start = i + 1;
      }
    }
    if (this.#phase === "within") this.#extend(text, start, text.length);
    return items;
  }

  #readOutside(code: number, rest: string): void {
    if (isSpace(code)) return;
    const opens = this.#phase === "before" && code === 0x5b;
    if (!opens) {
      const where = this.#phase === "before" ? "it begins with" : "after the array stands";
      throw new UsageError(`Cannot read the body as a JSON array: ${where} ${quoteInput(rest)}`);
    }
    this.#phase = "within";
    this.#elementLine = this.#line;
  }

  /** Tells whether an element ends before this character. */
  #endsElement(code: number): boolean {
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (code === BACKSLASH) this.#isEscaped = true;
      else if (code === QUOTE) this.#isInString = false;
      return false;
    }
    switch (code) {
      case QUOTE:
        this.#isInString = true;
        return false;
      case 0x5b:
      case 0x7b:
        this.#depth++;
        return false;
      case 0x5d:
      case 0x7d:
        if (this.#depth === 0) return code === 0x5d;
        this.#depth--;
        return false;
      default:
        return code === COMMA && this.#depth === 0;
    }
  }

  #extend(text: string, start: number, end: number): void {
    if (this.#isTooLong || end <= start) return;
    if (this.#element === "") {
      // What stands before an element says nothing about its length or its line.
      while (start < end && isSpace(text.charCodeAt(start))) start++;
      if (start === end) return;
      this.#elementLine = this.#line - countLines(text, start, end);
    }
    this.#isTooLong = this.#element.length + end - start > MAX_ELEMENT_SIZE;
    this.#element += text.slice(start, this.#isTooLong ? Math.min(end, start + HEAD_SIZE) : end);
  }

  #finish(isMore: boolean, items: InputItem[]): void {
    const element = this.#element;
    const isNothing = element === "" && !isMore && this.#count === 0;
    const line = element === "" ? this.#line : this.#elementLine;
    this.#count++;
    if (this.#isTooLong) items.push(tooLongItem(`${element.slice(0, HEAD_SIZE)}…`, line, this.#count));
    else if (!isNothing) items.push(readElement(element, line, this.#count));
    this.#element = "";
    this.#isTooLong = false;
    if (!isMore) this.#phase = "after";
  }
}

function countLines(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = text.indexOf("\n", start); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 0xfeff;
}
