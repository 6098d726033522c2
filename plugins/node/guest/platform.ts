// What the modules of this plugin get of the host's surface: filled at installation, before any of them is evaluated.

export type Bytes = Uint8Array<ArrayBuffer>;

export interface NativeCrypto {
  random(size: number): Bytes;
  digest(hash: string, data: Uint8Array): Bytes;
  hmac(hash: string, key: Uint8Array, data: Uint8Array): Bytes;
  pbkdf2(hash: string, password: Uint8Array, salt: Uint8Array, iterations: number, bytes: number): Bytes;
  hkdf(hash: string, key: Uint8Array, salt: Uint8Array, info: Uint8Array, bytes: number): Bytes;
  scrypt(password: Uint8Array, salt: Uint8Array, cost: number, blockSize: number, parallelization: number, bytes: number): Bytes;
  aes(mode: string, encrypt: boolean, key: Uint8Array, data: Uint8Array, iv: Uint8Array, extra?: Uint8Array): Bytes;
}

export interface Platform extends NativeCrypto {
  readonly cwd: string;
  readonly inspect: (value: unknown, options?: object) => string;
  readonly format: (options: object, ...args: unknown[]) => string;
  readonly types: object;
  readonly findModule: (specifier: string) => object | undefined;
  readonly moduleNames: () => ArrayLike<string>;
  readonly monotonic: () => number;
  readonly enterContext: (variable: object, value: unknown) => void;
  readonly promiseHook: (listener?: (step: number, promise: object, parent: object | undefined) => void) => void;
  /** Web Cryptography, when a policy grants it. */
  readonly webcrypto: object | undefined;
  /** What modules forget when the owner of a session has gone. */
  readonly resets: (() => void)[];
}

export const platform = { resets: [] as (() => void)[] } as unknown as Platform;
