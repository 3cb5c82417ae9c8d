export { type AnnotationForm, type TextForm } from "./annotation_form.ts";
export { type AnnotatorDeps, type AnnotatorOptions, createAnnotator } from "./annotator.ts";
