/** Values by key, made on first use. */
export class Groups<Key, Group> implements Iterable<[Key, Group]> {
  readonly #groups = new Map<Key, Group>();

  constructor(private readonly make: (key: Key) => Group) {}

  at(key: Key): Group {
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = this.make(key);
      this.#groups.set(key, group);
    }
    return group;
  }

  /** The `count` groups with the largest weight, largest first. */
  top(count: number, weight: (group: Group) => number): [Key, Group][] {
    return [...this].sort(([, a], [, b]) => weight(b) - weight(a)).slice(0, count);
  }

  [Symbol.iterator](): Iterator<[Key, Group]> {
    return this.#groups[Symbol.iterator]();
  }
}
