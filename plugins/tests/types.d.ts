// biome-ignore-all lint: declarations of an API whose types are wide (any value can be expected)
type TestBody<Args extends unknown[] = []> = (...args: [...Args, context: TestContext]) => unknown;
type HookBody = (context: TestContext) => unknown;

interface TestContext {
  readonly expect: ExpectStatic;
  /** Aborts when the test is over, or its time is. */
  readonly signal: AbortSignal;
  readonly task: { readonly name: string; readonly fullName: string };
  skip(note?: string): never;
  onTestFinished(fn: () => unknown): void;
  onTestFailed(fn: () => unknown): void;
}

/** Milliseconds; 0 = no limit. */
interface TestSettings {
  timeout?: number;
  retry?: number;
}

interface EachFunction {
  <Row extends readonly unknown[]>(
    table: readonly Row[],
  ): (name: string, fn: (...args: [...Row]) => unknown, settings?: number | TestSettings) => void;
  <Row>(table: readonly Row[]): (name: string, fn: (row: Row) => unknown, settings?: number | TestSettings) => void;
  (
    strings: TemplateStringsArray,
    ...values: unknown[]
  ): (name: string, fn: (row: Record<string, any>) => unknown, settings?: number | TestSettings) => void;
}

interface TestFunction {
  (name: string | number | Function, fn: TestBody, settings?: number | TestSettings): void;
  (name: string | number | Function, settings: TestSettings, fn: TestBody): void;
  readonly skip: TestFunction;
  readonly only: TestFunction;
  readonly concurrent: TestFunction;
  readonly sequential: TestFunction;
  /** Passes when its body fails. */
  readonly failing: TestFunction;
  readonly fails: TestFunction;
  readonly todo: (name: string, fn?: TestBody) => void;
  readonly each: EachFunction;
  skipIf(condition: unknown): TestFunction;
  runIf(condition: unknown): TestFunction;
}

interface DescribeFunction {
  (name: string | number | Function, fn: () => unknown, settings?: number | TestSettings): void;
  (name: string | number | Function, settings: TestSettings, fn: () => unknown): void;
  readonly skip: DescribeFunction;
  readonly only: DescribeFunction;
  readonly concurrent: DescribeFunction;
  readonly sequential: DescribeFunction;
  readonly todo: (name: string, fn?: () => unknown) => void;
  readonly each: EachFunction;
  skipIf(condition: unknown): DescribeFunction;
  runIf(condition: unknown): DescribeFunction;
}

interface Matchers<Result> {
  toBe(expected: unknown): Result;
  toEqual(expected: unknown): Result;
  toStrictEqual(expected: unknown): Result;
  toMatchObject(expected: object): Result;
  toBeTruthy(): Result;
  toBeFalsy(): Result;
  toBeNull(): Result;
  toBeUndefined(): Result;
  toBeDefined(): Result;
  toBeNaN(): Result;
  toBeTypeOf(type: string): Result;
  toBeInstanceOf(constructor: Function): Result;
  toBeOneOf(choices: readonly unknown[]): Result;
  toSatisfy(predicate: (value: any) => unknown): Result;
  toBeGreaterThan(expected: number | bigint): Result;
  toBeGreaterThanOrEqual(expected: number | bigint): Result;
  toBeLessThan(expected: number | bigint): Result;
  toBeLessThanOrEqual(expected: number | bigint): Result;
  toBeCloseTo(expected: number, digits?: number): Result;
  toContain(item: unknown): Result;
  toContainEqual(item: unknown): Result;
  toHaveLength(length: number): Result;
  toHaveProperty(path: string | readonly (string | number)[], value?: unknown): Result;
  toMatch(expected: string | RegExp): Result;
  toThrow(expected?: string | RegExp | Error | (new (...args: any[]) => unknown)): Result;
  toThrowError(expected?: string | RegExp | Error | (new (...args: any[]) => unknown)): Result;
  toHaveBeenCalled(): Result;
  toHaveBeenCalledOnce(): Result;
  toHaveBeenCalledTimes(times: number): Result;
  toHaveBeenCalledWith(...args: unknown[]): Result;
  toHaveBeenCalledExactlyOnceWith(...args: unknown[]): Result;
  toHaveBeenLastCalledWith(...args: unknown[]): Result;
  toHaveBeenNthCalledWith(n: number, ...args: unknown[]): Result;
  toHaveReturned(): Result;
  toHaveReturnedTimes(times: number): Result;
  toHaveReturnedWith(value: unknown): Result;
  toHaveLastReturnedWith(value: unknown): Result;
  toHaveNthReturnedWith(n: number, value: unknown): Result;
  toMatchSnapshot(properties?: object | string, hint?: string): Result;
  toMatchInlineSnapshot(snapshot?: string): Result;
  toMatchInlineSnapshot(properties: object, snapshot?: string): Result;
  /** Text as it is, anything else formatted; the path is relative to the test file. Needs the capability `files`. */
  toMatchFileSnapshot(path: string): Promise<void>;
  toThrowErrorMatchingSnapshot(hint?: string): Result;
  toThrowErrorMatchingInlineSnapshot(snapshot?: string): Result;
}

interface Assertion<Result = void> extends Matchers<Result> {
  readonly not: Matchers<Result>;
  readonly resolves: Matchers<Promise<void>> & { readonly not: Matchers<Promise<void>> };
  readonly rejects: Matchers<Promise<void>> & { readonly not: Matchers<Promise<void>> };
}

interface AsymmetricMatchers {
  arrayContaining(items: readonly unknown[]): any;
  arrayOf(item: unknown): any;
  closeTo(value: number, digits?: number): any;
  objectContaining(properties: object): any;
  stringContaining(text: string): any;
  stringMatching(pattern: string | RegExp): any;
}

interface ExpectStatic extends AsymmetricMatchers {
  (received?: unknown, message?: string): Assertion;
  readonly not: AsymmetricMatchers;
  any(constructor: unknown): any;
  anything(): any;
  soft(received?: unknown, message?: string): Assertion;
  poll(
    fn: () => unknown,
    options?: { interval?: number; timeout?: number; message?: string },
  ): Matchers<Promise<void>> & { readonly not: Matchers<Promise<void>> };
  extend(matchers: Record<string, (received: any, ...args: any[]) => unknown>): void;
  addEqualityTesters(testers: readonly ((a: any, b: any) => boolean | undefined)[]): void;
  addSnapshotSerializer(serializer: object): void;
  assertions(count: number): void;
  hasAssertions(): void;
  unreachable(message?: string): never;
}

interface Mock<F extends (...args: any[]) => any = (...args: any[]) => any> {
  (...args: Parameters<F>): ReturnType<F>;
  readonly mock: {
    readonly calls: Parameters<F>[];
    readonly results: { readonly type: "return" | "throw" | "incomplete"; readonly value: any }[];
    readonly contexts: unknown[];
    readonly instances: unknown[];
    readonly invocationCallOrder: number[];
    readonly lastCall?: Parameters<F>;
  };
  mockClear(): this;
  mockReset(): this;
  mockRestore(): void;
  mockName(name: string): this;
  mockImplementation(fn: F): this;
  mockImplementationOnce(fn: F): this;
  mockReturnThis(): this;
  mockReturnValue(value: any): this;
  mockReturnValueOnce(value: any): this;
  mockResolvedValue(value: any): this;
  mockResolvedValueOnce(value: any): this;
  mockRejectedValue(value: any): this;
  mockRejectedValueOnce(value: any): this;
}

interface Mocks {
  <F extends (...args: any[]) => any>(implementation?: F): Mock<F>;
  fn<F extends (...args: any[]) => any>(implementation?: F): Mock<F>;
  spyOn(object: object, method: PropertyKey, access?: "get" | "set"): Mock;
  replaceProperty(object: object, property: PropertyKey, value: unknown): { replaceValue(value: unknown): void; restore(): void };
  isMockFunction(value: unknown): value is Mock;
  mocked<T>(value: T): any;
  clearAllMocks(): void;
  resetAllMocks(): void;
  restoreAllMocks(): void;
  stubGlobal(name: PropertyKey, value: unknown): void;
  unstubAllGlobals(): void;
  hoisted<T>(factory: () => T): T;
  waitFor<T>(check: () => T | Promise<T>, options?: number | { timeout?: number; interval?: number }): Promise<T>;
  waitUntil<T>(check: () => T | Promise<T>, options?: number | { timeout?: number; interval?: number }): Promise<T>;
  setTimeout(milliseconds: number): void;
  retryTimes(times: number): void;
  useFakeTimers(config?: { now?: number | Date; toFake?: string[]; doNotFake?: string[]; shouldAdvanceTime?: boolean }): any;
  useRealTimers(): any;
  isFakeTimers(): boolean;
  setSystemTime(time?: number | string | Date): any;
  getMockedSystemTime(): Date | null;
  getRealSystemTime(): number;
  now(): number;
  getTimerCount(): number;
  clearAllTimers(): void;
  advanceTimersByTime(milliseconds: number): void;
  advanceTimersByTimeAsync(milliseconds: number): Promise<void>;
  advanceTimersToNextTimer(steps?: number): void;
  advanceTimersToNextTimerAsync(steps?: number): Promise<void>;
  runAllTimers(): void;
  runAllTimersAsync(): Promise<void>;
  runOnlyPendingTimers(): void;
  runOnlyPendingTimersAsync(): Promise<void>;
  runAllTicks(): void;
}

declare var describe: DescribeFunction;
declare var suite: DescribeFunction;
declare var test: TestFunction;
declare var it: TestFunction;
declare var expect: ExpectStatic;
declare var mock: Mocks;
declare var jest: Mocks;
declare var vi: Mocks;
declare function beforeAll(fn: HookBody, timeout?: number): void;
declare function afterAll(fn: HookBody, timeout?: number): void;
declare function beforeEach(fn: HookBody, timeout?: number): void;
declare function afterEach(fn: HookBody, timeout?: number): void;

declare module "isolate-host:tests" {
  const exported: {
    describe: DescribeFunction;
    suite: DescribeFunction;
    test: TestFunction;
    it: TestFunction;
    expect: ExpectStatic;
    mock: Mocks;
    jest: Mocks;
    vi: Mocks;
    beforeAll: typeof globalThis.beforeAll;
    afterAll: typeof globalThis.afterAll;
    beforeEach: typeof globalThis.beforeEach;
    afterEach: typeof globalThis.afterEach;
  };
  export = exported;
}
declare module "vitest" {
  import tests = require("isolate-host:tests");
  export = tests;
}
declare module "@jest/globals" {
  import tests = require("isolate-host:tests");
  export = tests;
}
