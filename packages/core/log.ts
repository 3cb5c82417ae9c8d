/** Fields of a log line; values are plain data without secrets. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Where the product reports what it does. Messages are fixed texts, the data is in the fields. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
