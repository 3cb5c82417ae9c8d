/** An open TCP connection, as the platform gives it. Reading is paced by whoever reads. */
export interface TcpConnection extends AsyncIterable<Uint8Array>, AsyncDisposable {
  /** Resolves when the bytes are handed over to the system; rejects when the connection is gone. */
  write(bytes: Uint8Array): Promise<void>;
  /** Says that nothing more will be written; the other side may still answer. */
  end(): Promise<void>;
  /** Drops the connection at once. May be called again. */
  close(): void;
}

/** Where to connect. */
export interface TcpTarget {
  /** Name or address; IPv6 without brackets. */
  readonly host: string;
  /** TCP port. */
  readonly port: number;
  /** On abort the connection is not opened, or dropped if it just was, and the call rejects. */
  readonly signal?: AbortSignal;
}

/** Opens a TCP connection; rejects when it can't be had. */
export type ConnectTcp = (target: TcpTarget) => Promise<TcpConnection>;
