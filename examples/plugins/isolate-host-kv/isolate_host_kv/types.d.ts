type KvValue = null | boolean | number | string | KvValue[] | { [key: string]: KvValue };

declare const kv: {
  /** The value, or null. */
  readonly get: (key: string) => Promise<KvValue>;
  readonly set: (key: string, value: KvValue) => Promise<void>;
  /** Whether the key was there. */
  readonly delete: (key: string) => Promise<boolean>;
  /** Entries in the order of their keys, those that begin with `start` only. */
  readonly entries: (start?: string) => AsyncIterable<[key: string, value: KvValue]>;
};
