/**
 * The web-standard types that ports name. Core is checked without a library that has them, so that nothing of the
 * web is at hand in its functions: a signal can be passed on here, not made.
 */
interface AbortSignal {
  readonly aborted: boolean;
}
