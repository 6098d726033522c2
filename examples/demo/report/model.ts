// What everything here speaks of.

export enum Outcome {
  Success = 2,
  Redirect = 3,
  ClientError = 4,
  ServerError = 5,
}

export interface Visit {
  readonly client: string;
  readonly time: Date;
  readonly route: string;
  readonly status: number;
  readonly outcome: Outcome;
  readonly bytes: number;
  readonly milliseconds: number;
}

export interface Incident {
  readonly from: Date;
  readonly to: Date;
  readonly requests: number;
  readonly errorRate: number;
}

export interface Summary {
  readonly requests: number;
  readonly skipped: number;
  readonly incident: Incident | null;
  readonly suspects: readonly string[];
}
