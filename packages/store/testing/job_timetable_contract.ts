import { JOB_NAMES, JOB_SCHEDULES, type JobTimetable, MS_PER_DAY, MS_PER_HOUR } from "@ipcascade/core";
import { assert, assertEquals } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";
import { NOON } from "./rows.ts";

/** What every timetable does. */
export const JOB_TIMETABLE_CONTRACT: readonly ContractCase<JobTimetable>[] = [
  {
    name: "note() tells since when each line is in force, and who was seen last",
    run: async (timetable) => {
      assertEquals(await timetable.read(), []);
      const note = async (at: number, by: string, schedules: Partial<typeof JOB_SCHEDULES> | object = {}) => {
        const noted = await timetable.note({ by, at, schedules: { ...JOB_SCHEDULES, ...schedules } });
        assertEquals(noted.length, JOB_NAMES.length);
        return noted.find(({ job }) => job === "back-up");
      };
      const first = { job: "back-up", line: "0 1 * * *", since: NOON, seenAt: NOON, seenBy: "a@b" } as const;
      assertEquals(await note(NOON, "a@b"), first);
      assertEquals(await note(NOON + 9, "c@d"), { ...first, seenAt: NOON + 9, seenBy: "c@d" });
      assertEquals((await note(NOON + 5, "e@f"))!.seenAt, NOON + 9, "never goes back");
      const off = await note(NOON + 20, "e@f", { "back-up": null });
      assertEquals([off!.line, off!.since], [null, NOON + 20]);
      assertEquals((await note(NOON + 30, "e@f", { "back-up": null }))!.since, NOON + 20);
      assertEquals((await timetable.read()).find(({ job }) => job === "prune")!.since, NOON);
      const other = { "back-up": "0 5 * * *" };
      const held = await note(NOON + 60_000, "g@h", other);
      assertEquals([held!.line, held!.seenBy], [null, "e@f"], "another scheduler's line is in force");
      const taken = await note(NOON + 10 * 60_000, "g@h", other);
      assertEquals([taken!.line, taken!.since], ["0 5 * * *", NOON + 10 * 60_000]);
      const ahead = await note(Date.now() + 1_000 * MS_PER_DAY, "g@h", { "back-up": "0 6 * * *" });
      for (const at of [ahead!.since, ahead!.seenAt]) {
        assert(at < Date.now() + MS_PER_HOUR, "a clock that is ahead is not believed");
      }
    },
  },
];
