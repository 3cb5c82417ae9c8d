import { Buffer } from "node:buffer";
import { type CityResponse, Reader, type Response } from "maxmind";

/** The `maxmind` package on an edition's bytes, without cache, as it is by default. */
export function openPackage<Shape extends Response = CityResponse>(bytes: Uint8Array): Reader<Shape> {
  return new Reader<Shape>(bufferOf(bytes));
}

/** The same with every record kept once it was decoded: the best that the package can do. */
export function openCachedPackage<Shape extends Response = CityResponse>(bytes: Uint8Array): Reader<Shape> {
  return new Reader<Shape>(bufferOf(bytes), { cache: new Map() as never });
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
