const DATE = /^(\d{4,7})-(\d\d)-(\d\d)( BC)?$/;
const TIMESTAMP =
  /^(\d{4,6})-(\d\d)-(\d\d) ([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?[+-]\d\d(?::[0-5]\d){0,2}( BC)?$/;

/** Nearly all instants, without taking them apart. */
const COMMON =
  /^[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8]) (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?\+00$/;

/** First year before Christ and last year after it of dates and instants (PostgreSQL: Date/Time Types). */
const [FIRST_YEAR_BC, LAST_DATE_YEAR, LAST_INSTANT_YEAR] = [4714, 5_874_897, 294_276];

/** Tells whether a text is a date as the ISO style writes it, `infinity` included. */
export function isCopyDate(value: string): boolean {
  const match = DATE.exec(value);
  if (match === null) return isInfinity(value);
  return isDay(match, { isBc: match[4] !== undefined, lastYear: LAST_DATE_YEAR });
}

/** Tells whether a text is an instant as the ISO style writes it, `infinity` included. */
export function isCopyTimestamp(value: string): boolean {
  if (COMMON.test(value)) return true;
  const match = TIMESTAMP.exec(value);
  if (match === null) return isInfinity(value);
  return isDay(match, { isBc: match[5] !== undefined, lastYear: LAST_INSTANT_YEAR });
}

function isInfinity(value: string): boolean {
  return value === "infinity" || value === "-infinity";
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

function isDay(
  match: RegExpExecArray,
  { isBc, lastYear }: { readonly isBc: boolean; readonly lastYear: number },
): boolean {
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (year < 1 || year > (isBc ? FIRST_YEAR_BC : lastYear)) return false;
  const days = MONTH_DAYS[month - 1];
  if (days === undefined || day < 1) return false;
  // The year before 1 AD is 1 BC, which is 0 to astronomers.
  const isLeap = month === 2 && isLeapYear(isBc ? 1 - year : year);
  return day <= days + (isLeap ? 1 : 0);
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
