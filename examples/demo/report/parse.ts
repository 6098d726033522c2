import type { Outcome, Visit } from "./model";

const LINE =
  /^(?<client>\S+) \S+ \S+ \[(?<stamp>[^\]]+)\] "[A-Z]+ (?<target>\S+) [^"]*" (?<status>\d{3}) (?<bytes>\d+) "[^"]*" "[^"]*" (?<ms>\d+)$/;
const STAMP = /^(\d\d)\/(\w{3})\/(\d{4}):(\d\d):(\d\d):(\d\d) \+0000$/;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** One line of the log, or null when it is no log line. */
export function parseLine(line: string): Visit | null {
  const { client, stamp, target, status, bytes, ms } = LINE.exec(line)?.groups ?? {};
  const time = parseStamp(stamp ?? "");
  if (time === null || client === undefined || target === undefined) return null;
  const code = Number(status);
  return {
    client,
    time,
    route: routeOf(target),
    status: code,
    outcome: Math.floor(code / 100) as Outcome,
    bytes: Number(bytes),
    milliseconds: Number(ms),
  };
}

function parseStamp(text: string): Date | null {
  const [, day, month, year, ...clock] = STAMP.exec(text) ?? [];
  if (year === undefined) return null;
  const [hour, minute, second] = clock.map(Number);
  return new Date(Date.UTC(Number(year), MONTHS.indexOf(month ?? ""), Number(day), hour, minute, second));
}

/** `/items/17?page=2` is the route `/items/:id`. */
function routeOf(target: string): string {
  const [path = ""] = target.split("?", 1);
  return path.replace(/\/\d+(?=\/|$)/g, "/:id");
}
