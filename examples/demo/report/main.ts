import { findIncident, findSuspects, windowOf } from "./anomalies";
import { Groups } from "./groups";
import { linesOf } from "./lines";
import { Outcome, type Summary } from "./model";
import { parseLine } from "./parse";
import settings from "./settings.json" with { type: "json" };
import { Statistics } from "./statistics";
import { type Column, table } from "./table";

const total = new Statistics();
const routes = new Groups<string, Statistics>(() => new Statistics());
const clients = new Groups<string, Statistics>(() => new Statistics());
const windows = new Groups<number, Statistics>(() => new Statistics());

/** Reads the log, prints the report, and returns what a program wants to know of it. */
export async function main(): Promise<Summary> {
  let skipped = 0;
  for await (const line of linesOf(readLog())) {
    const visit = parseLine(line);
    if (visit === null) {
      skipped += 1;
      continue;
    }
    total.add(visit);
    routes.at(visit.route).add(visit);
    clients.at(visit.client).add(visit);
    windows.at(windowOf(visit.time)).add(visit);
  }
  const summary: Summary = {
    requests: total.requests,
    skipped,
    incident: findIncident(windows),
    suspects: findSuspects(clients),
  };
  print(summary);
  return summary;
}

function print({ requests, skipped, incident, suspects }: Summary): void {
  const outcomes = [Outcome.Success, Outcome.Redirect, Outcome.ClientError, Outcome.ServerError];
  const counts = outcomes.map((outcome) => `${Outcome[outcome]} ${total.count(outcome)}`).join(", ");
  console.log(`${requests} requests (${counts}), ${megabytes(total.bytes)} MB sent, ${skipped} lines skipped\n`);

  console.log(
    table(
      [name("route"), ...COLUMNS],
      routes.top(settings.topRoutes, (group) => group.requests),
    ),
  );
  console.log();
  console.log(
    table(
      [name("client"), ...COLUMNS],
      clients.top(settings.topClients, (group) => group.requests),
    ),
  );
  console.log();

  const minute = (time: Date): string => time.toISOString().slice(11, 16);
  if (incident !== null) {
    const { from, to, errorRate } = incident;
    console.log(
      `incident: ${percent(errorRate)} of ${incident.requests} requests failed between ${minute(from)} and ${minute(to)}`,
    );
  }
  for (const suspect of suspects) {
    console.log(`suspect: ${suspect} asked ${clients.at(suspect).requests} times, mostly for what does not exist`);
  }
}

type Row = [string, Statistics];

const COLUMNS: readonly Column<Row>[] = [
  { title: "requests", text: ([, group]) => String(group.requests) },
  { title: "MB", text: ([, group]) => megabytes(group.bytes) },
  { title: "4xx", text: ([, group]) => percent(group.share(Outcome.ClientError)) },
  { title: "5xx", text: ([, group]) => percent(group.share(Outcome.ServerError)) },
  ...[50, 95, 99].map((rank): Column<Row> => ({ title: `p${rank} ms`, text: ([, group]) => String(group.percentile(rank)) })),
];

function name(title: string): Column<Row> {
  return { title, text: ([key]) => key, align: "left" };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
