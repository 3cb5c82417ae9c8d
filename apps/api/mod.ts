/**
 * The HTTP door: an app that knows no runtime, and its typed client.
 *
 * @module
 */
export * from "./access.ts";
export * from "./access_document.ts";
export * from "./api_deps.ts";
export { type Api, createApp } from "./app.ts";
export { createClient } from "./client.ts";
export * from "./policy.ts";
export * from "./traffic.ts";
