// Errors of Playwright as guest code knows them.

export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

export class TargetClosedError extends Error {
  override readonly name = "TargetClosedError";
  constructor(message = "Target page, context or browser has been closed") {
    super(message);
  }
}

/** The error that the host described. */
export function errorOf(name: string, message: string): Error {
  if (name === "TimeoutError") return new TimeoutError(message);
  if (name === "TargetClosedError") return new TargetClosedError(message);
  return new Error(message);
}
