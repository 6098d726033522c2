// Matchers that Jest's `expect` has not: those of the forerunner and of Vitest that test code uses most.

interface MatcherThis {
  readonly equals: (a: unknown, b: unknown) => boolean;
  readonly isNot: boolean;
  readonly utils: {
    matcherHint(name: string, received?: string, expected?: string, options?: object): string;
    printReceived(value: unknown): string;
    printExpected(value: unknown): string;
  };
}
interface Outcome {
  readonly pass: boolean;
  readonly message: () => string;
  readonly expected?: unknown;
  readonly actual?: unknown;
}

function outcome(self: MatcherThis, name: string, pass: boolean, actual: unknown, expected: unknown): Outcome {
  const { matcherHint, printExpected, printReceived } = self.utils;
  const message = () =>
    `${matcherHint(name, undefined, undefined, { isNot: self.isNot })}\n\nExpected: ${self.isNot ? "not " : ""}${printExpected(expected)}\nReceived: ${printReceived(actual)}`;
  return { pass, message, expected, actual };
}

const TYPES = ["bigint", "boolean", "function", "number", "object", "string", "symbol", "undefined"];

interface MockLike {
  readonly mock?: { readonly calls: unknown[][] };
}

function callsOf(name: string, received: unknown): unknown[][] {
  const calls = (received as MockLike | null | undefined)?.mock?.calls;
  if (!Array.isArray(calls)) throw new TypeError(`${name}: the received value must be a mock or spy function`);
  return calls;
}

export const extraMatchers = {
  toBeTypeOf(this: MatcherThis, received: unknown, type: unknown): Outcome {
    if (typeof type !== "string" || !TYPES.includes(type)) throw new TypeError(`toBeTypeOf: expected one of ${TYPES.join(", ")}`);
    return outcome(this, "toBeTypeOf", typeof received === type, typeof received, type);
  },
  toSatisfy(this: MatcherThis, received: unknown, predicate: unknown): Outcome {
    if (typeof predicate !== "function") throw new TypeError("toSatisfy: expected a function");
    return outcome(this, "toSatisfy", Boolean(predicate(received)), received, predicate);
  },
  toBeOneOf(this: MatcherThis, received: unknown, choices: unknown): Outcome {
    if (!Array.isArray(choices)) throw new TypeError("toBeOneOf: expected an array");
    return outcome(
      this,
      "toBeOneOf",
      choices.some((choice) => this.equals(received, choice)),
      received,
      choices,
    );
  },
  toHaveBeenCalledOnce(this: MatcherThis, received: unknown): Outcome {
    const calls = callsOf("toHaveBeenCalledOnce", received).length;
    return outcome(this, "toHaveBeenCalledOnce", calls === 1, calls, 1);
  },
  toHaveBeenCalledExactlyOnceWith(this: MatcherThis, received: unknown, ...args: unknown[]): Outcome {
    const calls = callsOf("toHaveBeenCalledExactlyOnceWith", received);
    return outcome(this, "toHaveBeenCalledExactlyOnceWith", calls.length === 1 && this.equals(calls[0], args), calls, [args]);
  },
};
