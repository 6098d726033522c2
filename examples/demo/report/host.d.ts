// What the host gives this program besides the language: see tools: and console: in ../host.yaml. For editors; never loaded.

/** The log in pieces of any length, which end anywhere in a line. */
declare function readLog(): AsyncIterable<string>;

declare const console: { log(...values: unknown[]): void };
