export { type AnnotationForm, type AnnotationTexts } from "./annotation_form.ts";
export { type AnnotatorDeps, createAnnotator } from "./annotator.ts";
