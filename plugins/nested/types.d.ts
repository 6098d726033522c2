declare module "isolate-host" {
  /** Who calls, and on behalf of what: the last argument of every function that answers a child. */
  export interface HostCallContext {
    readonly capability: string;
    readonly op: string;
    /** The child. */
    readonly runtimeId: string;
    readonly resourceId: string;
    readonly requestId?: string;
    readonly metadata: Record<string, unknown>;
    /** Until the child's evaluation or request is stopped; `null` = no limit. */
    readonly remainingMs: number | null;
    /** Aborts when the child loses interest or ends. */
    readonly signal: AbortSignal;
  }

  export interface ConsoleEntry {
    readonly type: string;
    readonly level: "log" | "debug" | "info" | "warn" | "error";
    readonly text: string;
    readonly stdout: string;
    readonly groupDepth: number;
    readonly [field: string]: unknown;
  }

  export interface Importer {
    readonly path: string;
    readonly resolveDir: string;
  }

  export interface ModuleSource {
    code: string;
    filename?: string;
    resolveDir?: string;
    static?: boolean;
  }

  export interface ModulePlace {
    /** A base name. */
    filename?: string;
    /** The absolute folder that its relative imports start from. */
    resolveDir?: string;
    /** Keeps its identity when the session has another owner. */
    static?: boolean;
  }

  type Loaded = string | ModuleSource | null | undefined;

  export interface ModuleResolver {
    virtual(
      specifier: string,
      source: string | ((context: HostCallContext) => Loaded | Promise<Loaded>),
      options?: ModulePlace,
    ): this;
    sourceTree(prefix: string, loader: (path: string, context: HostCallContext) => Loaded | Promise<Loaded>): this;
    fallback(loader: (specifier: string, importer: Importer | null, context: HostCallContext) => Loaded | Promise<Loaded>): this;
  }

  export interface FileBindings {
    readFile?(path: string, context: HostCallContext): unknown;
    writeFile?(path: string, data: Uint8Array, context: HostCallContext): unknown;
    unlink?(path: string, context: HostCallContext): unknown;
    readdir?(path: string, context: HostCallContext): unknown;
    mkdir?(path: string, context: HostCallContext): unknown;
    rmdir?(path: string, context: HostCallContext): unknown;
    stat?(path: string, context: HostCallContext): unknown;
    rename?(from: string, to: string, context: HostCallContext): unknown;
  }

  export interface Bindings {
    console?: { onEntry(entry: ConsoleEntry, context: HostCallContext): void };
    fetch?: (request: Request, context: HostCallContext) => Response | Promise<Response>;
    files?: FileBindings;
    modules?: ModuleResolver;
    // biome-ignore lint/suspicious/noExplicitAny: functions of any kind
    tools?: Record<string, (...args: any[]) => unknown>;
    /** Any other capability is passed on by its own object: `{ browser }`. */
    [capability: string]: unknown;
  }

  export interface NestedHostPolicy {
    fetch?: "inherit" | "disabled";
    maxTotalResources?: number;
    maxRuntimes?: number;
    maxAppServers?: number;
    maxMemoryLimitMB?: number;
    maxExecutionTimeoutMs?: number;
    maxAppServerLifetimeMs?: number;
  }

  export interface CreateOptions {
    bindings?: Bindings;
    cwd?: string;
    /** Milliseconds of one evaluation. Left out = as much as the policy allows. */
    executionTimeout?: number;
    memoryLimitMB?: number;
    /** What the child's own code may create; never more than this runtime may. */
    nestedHost?: NestedHostPolicy | false;
  }

  export interface WebSocketCommand {
    readonly type: "message" | "close";
    readonly connectionId: string;
    readonly data?: string | Uint8Array;
    readonly code?: number;
    readonly reason?: string;
  }

  export interface DisposeOptions {
    /** A session does not wait for another owner. */
    hard?: boolean;
    reason?: string;
  }

  interface Child {
    readonly id: string;
    dispose(options?: DisposeOptions): Promise<void>;
    diagnostics(): Promise<Record<string, unknown>>;
  }

  interface Events {
    /** Returns a function that ends it. */
    on(name: string, listener: (payload: unknown) => void): () => void;
    emit(name: string, payload?: unknown): Promise<void>;
  }

  export interface EvalOptions {
    filename?: string;
    executionTimeout?: number;
    signal?: AbortSignal;
  }

  interface Evaluates {
    // biome-ignore lint/suspicious/noExplicitAny: what the child's code makes of it
    eval(code: string, options?: string | EvalOptions): Promise<any>;
    readonly events: Events;
  }

  export interface RunOptions {
    filename?: string;
    timeoutMs?: number;
    signal?: AbortSignal;
    filter?: string;
    retry?: number;
    bail?: number;
    shuffle?: boolean;
    seed?: number;
    maxConcurrency?: number;
    testTimeoutMs?: number;
  }

  export interface TestError {
    readonly name: string;
    readonly message: string;
    readonly stack: string | null;
    readonly matcherName: string | null;
    readonly expected: unknown;
    readonly actual: unknown;
  }

  export interface TestResult {
    readonly name: string;
    readonly suitePath: string[];
    readonly fullName: string;
    readonly status: "pass" | "fail" | "skip" | "todo";
    readonly duration: number;
    readonly error?: TestError;
    readonly errors: TestError[];
    readonly retries: number;
    readonly notRun: boolean;
    readonly note: string | null;
  }

  interface Counts {
    readonly passed: number;
    readonly failed: number;
    readonly skipped: number;
    readonly todo: number;
    readonly total: number;
  }

  export interface SuiteResult extends Counts {
    readonly name: string;
    readonly path: string[];
    readonly fullName: string;
    readonly depth: number;
    readonly errors: TestError[];
  }

  export interface RunResults extends Counts {
    readonly success: boolean;
    readonly duration: number;
    readonly notRun: number;
    readonly seed: number | null;
    readonly suites: SuiteResult[];
    readonly tests: TestResult[];
    readonly errors: TestError[];
    readonly endedBy: { readonly name: string; readonly message: string } | null;
  }

  export type TestEvent =
    | { readonly type: "runStart"; readonly testCount: number; readonly suiteCount: number }
    | { readonly type: "suiteStart" | "suiteEnd"; readonly suite: SuiteResult }
    | { readonly type: "testStart" | "testEnd"; readonly test: TestResult }
    | { readonly type: "runEnd"; readonly results: RunResults };

  interface Tested {
    readonly test: { onEvent(listener: (event: TestEvent) => void): () => void };
  }

  export interface Runtime extends Child, Evaluates {}

  export interface TestRuntime extends Child, Tested {
    run(code: string, options?: RunOptions): Promise<RunResults>;
  }

  export interface NamespacedRuntime extends Child, Evaluates, Tested {
    readonly key: string;
    /** The isolate had an owner before. */
    readonly reused: boolean;
    runTests(code: string, options?: RunOptions): Promise<RunResults>;
  }

  export interface HandleOptions {
    requestId?: string;
    metadata?: Record<string, unknown>;
    signal?: AbortSignal;
    timeoutMs?: number;
  }

  export type Handled =
    | { readonly type: "response"; readonly response: Response }
    | {
        readonly type: "websocket";
        readonly connectionId: string;
        readonly data: unknown;
        readonly headers: [string, string][];
      };

  export interface NestedAppServer extends Child {
    readonly key?: string;
    handle(request: Request, options?: HandleOptions): Promise<Handled>;
    readonly ws: {
      open(connectionId: string): Promise<void>;
      message(connectionId: string, data: string | Uint8Array): Promise<void>;
      close(connectionId: string, code?: number, reason?: string): Promise<void>;
      error(connectionId: string, error: unknown): Promise<void>;
      onCommand(listener: (command: WebSocketCommand) => unknown): () => void;
    };
    reload(reason?: string): Promise<void>;
  }

  export interface AppServerOptions extends CreateOptions {
    key?: string;
    /** The module that calls serve(); `/server.ts` unless given. */
    entry?: string;
    /** Its text, where no module resolver has it. */
    source?: string;
    webSockets?: { onCommand?(command: WebSocketCommand): unknown };
  }

  export interface IsolateHost {
    createRuntime(options?: CreateOptions & { key?: string }): Promise<Runtime>;
    createTestRuntime(options?: CreateOptions & { key?: string }): Promise<TestRuntime>;
    createAppServer(options?: AppServerOptions): Promise<NestedAppServer>;
    getNamespacedRuntime(key: string, options?: CreateOptions): Promise<NamespacedRuntime>;
    /** False when code of this runtime made no session of that name. */
    disposeNamespace(key: string, options?: { reason?: string }): Promise<boolean>;
    diagnostics(): Promise<{
      runtimes: number;
      servers: number;
      connected: boolean;
      tree: { runtimes: number; servers: number };
    }>;
    /** Ends all that was made with this host. */
    close(): Promise<void>;
  }

  /** A host for runtimes of this runtime's own. Nothing happens until one is created. */
  export function createIsolateHost(): IsolateHost;
  export function createModuleResolver(): ModuleResolver;
}

declare module "@ricsam/isolate" {
  export * from "isolate-host";
}
