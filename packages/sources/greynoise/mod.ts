export { createGreynoiseSource, type GreynoiseSourceDeps } from "./community.ts";
