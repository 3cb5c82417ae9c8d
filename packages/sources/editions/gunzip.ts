/**
 * Unpacks gzip, of one member or several, as the bytes arrive and no faster than they are taken. Throws an `Error`
 * whose message says what is wrong (`the gzip data breaks off`) at data that is damaged, cut or followed by other
 * bytes; what the input throws passes through.
 */
export type Gunzip = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
