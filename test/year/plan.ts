const utc = (text: string): number => Date.parse(`${text}Z`);

/** A stretch of time in milliseconds since 1970 UTC; `until` is exclusive. */
export interface Stretch {
  readonly from: number;
  readonly until: number;
}

/** Tells whether an instant lies in a stretch. */
export function isIn({ from, until }: Stretch, at: number): boolean {
  return at >= from && at < until;
}

/** What happens, and how busy it is. Instants are milliseconds since 1970 UTC. */
export interface Plan {
  /** All of it; whole days. */
  readonly time: Stretch;
  /** GreyNoise cuts its quota to 25 a week, on a Monday. */
  readonly quotaCutAt: number;
  /** The City edition of this Friday does not know 8.8.8.8. */
  readonly badReleaseAt: number;
  /** Team Cymru drops whatever comes from here: a week. */
  readonly nullRoute: Stretch;
  /** MaxMind releases nothing. */
  readonly skippedWeek: Stretch;
  /** A Sunday night with a backup and an update in it; somebody makes room at ten. */
  readonly fullDisk: Stretch;
  /** Two days, a Sunday among them, in which nothing runs here. */
  readonly downtime: Stretch;
  /** Addresses that came before. */
  readonly known: number;
  /** Addresses that are new each day, and that come back. */
  readonly newDaily: number;
  readonly againDaily: number;
  /** Settings that differ from the defaults. */
  readonly env: Readonly<Record<string, string>>;
}

/** A whole year. */
export const YEAR: Plan = {
  time: { from: utc("2027-01-01T00:00"), until: utc("2028-01-01T00:00") },
  quotaCutAt: utc("2027-03-01T00:00"),
  badReleaseAt: utc("2027-05-14T12:00"),
  nullRoute: { from: utc("2027-06-07T00:00"), until: utc("2027-06-14T00:00") },
  skippedWeek: { from: utc("2027-08-02T00:00"), until: utc("2027-08-09T00:00") },
  fullDisk: { from: utc("2027-09-19T00:30"), until: utc("2027-09-19T10:00") },
  downtime: { from: utc("2027-10-09T00:00"), until: utc("2027-10-11T00:00") },
  known: 300,
  newDaily: 2,
  againDaily: 1,
  env: {},
};

/** The same year for a test that is run often: with less to look after, and fewer looks where nothing is judged. */
export const SHORT_YEAR: Plan = {
  ...YEAR,
  known: 60,
  newDaily: 1,
  env: {
    SCHEDULE_CHECK_QUOTA: "0 4 * * *",
    SCHEDULE_BACK_UP: "0 1 */2 * *",
    SCHEDULE_PRUNE: "30 4 */2 * *",
    BACKUP_KEEP_DAYS: "5",
  },
};
