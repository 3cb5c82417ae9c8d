export { createGreynoiseSource, type GreynoiseSourceDeps } from "./community.ts";
export type { ExchangeDeps } from "./exchange.ts";
