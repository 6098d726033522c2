import type { Groups } from "./groups";
import { type Incident, Outcome } from "./model";
import settings from "./settings.json" with { type: "json" };
import type { Statistics } from "./statistics";

const WINDOW_MS = settings.windowMinutes * 60_000;

/** The window of time that `time` falls in. */
export function windowOf(time: Date): number {
  return Math.floor(time.getTime() / WINDOW_MS);
}

/** The first run of neighbouring windows in which too much failed. */
export function findIncident(windows: Groups<number, Statistics>): Incident | null {
  const bad = [...windows].filter(([, statistics]) => statistics.share(Outcome.ServerError) > settings.incidentErrorRate);
  bad.sort(([a], [b]) => a - b);
  const run = bad.filter(([window], index) => window - index === bad[0]?.[0]);
  const [first, last] = [run.at(0), run.at(-1)];
  if (first === undefined || last === undefined) return null;
  const requests = run.reduce((sum, [, statistics]) => sum + statistics.requests, 0);
  const failed = run.reduce((sum, [, statistics]) => sum + statistics.count(Outcome.ServerError), 0);
  return {
    from: new Date(first[0] * WINDOW_MS),
    to: new Date((last[0] + 1) * WINDOW_MS),
    requests,
    errorRate: failed / requests,
  };
}

/** Clients most of whose requests were for what does not exist. */
export function findSuspects(clients: Groups<string, Statistics>): string[] {
  return [...clients]
    .filter(([, statistics]) => statistics.requests >= settings.suspectRequests)
    .filter(([, statistics]) => statistics.share(Outcome.ClientError) > settings.suspectShare)
    .map(([client]) => client)
    .sort();
}
