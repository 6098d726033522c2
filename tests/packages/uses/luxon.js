import { DateTime, Duration, Interval } from "luxon";
const start = DateTime.fromISO("2024-03-30T12:00", { zone: "Europe/Berlin" });
export default [start.plus({ days: 1 }).toISO(), start.setLocale("fr").toLocaleString(DateTime.DATE_FULL), Duration.fromObject({ minutes: 90 }).shiftTo("hours", "minutes").toObject(), Interval.after(start, { weeks: 1 }).length("days")];
