/**
 * The part of this package that look-ups without a store use, for commands that load no more than that.
 *
 * @module
 */
export { createAnnotationForm } from "./annotation.ts";
export * from "./progress_text.ts";
export * from "./record_renderer.ts";
export * from "./summary_text.ts";
