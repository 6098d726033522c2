// The modules themselves are typed by the package @types/node, if a project has it; without it they are untyped.
declare module "node:*";

interface Buffer extends Uint8Array {
  toString(encoding?: string, start?: number, end?: number): string;
  equals(other: Uint8Array): boolean;
  write(text: string, offset?: number, length?: number, encoding?: string): number;
}
declare var Buffer: {
  from(value: string, encoding?: string): Buffer;
  from(value: ArrayLike<number> | ArrayBuffer, offset?: number, length?: number): Buffer;
  alloc(size: number, fill?: string | number | Uint8Array, encoding?: string): Buffer;
  concat(list: readonly Uint8Array[], length?: number): Buffer;
  byteLength(value: string | ArrayBufferView | ArrayBuffer, encoding?: string): number;
  isBuffer(value: unknown): value is Buffer;
  readonly prototype: Buffer;
};

declare var process: {
  readonly env: Record<string, string | undefined>;
  readonly argv: string[];
  readonly platform: string;
  readonly version: string;
  readonly versions: Record<string, string>;
  cwd(): string;
  nextTick<A extends unknown[]>(callback: (...args: A) => void, ...args: A): void;
};

declare function setImmediate<A extends unknown[]>(callback: (...args: A) => void, ...args: A): object;
declare function clearImmediate(immediate: object | undefined): void;
