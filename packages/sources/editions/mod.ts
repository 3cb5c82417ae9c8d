export { createDbipProvider, type DbipProviderDeps } from "./dbip_provider.ts";
export type { Gunzip } from "./gunzip.ts";
export type { DeliveryTimeouts, HttpProviderDeps } from "./http_peer.ts";
export { createMaxmindProvider, type MaxmindProviderDeps } from "./maxmind_provider.ts";
export type { MirrorDirectory, MirrorDirectoryFile } from "./mirror_folder.ts";
export { createMirrorProvider, type MirrorProviderDeps } from "./mirror_provider.ts";
export { type EditionForm, unpackEdition, type UnpackOptions } from "./unpack_edition.ts";
export type { UnpackLimits } from "./unpack_limits.ts";
export type { RefusalDetails, Refuse } from "./delivery.ts";
