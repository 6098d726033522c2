// navigator (HTML §8.10, as WinterTC asks), and `global`, which code written for Node.js expects.
import { freeze, root, TypeError } from "../primordials";
import { define, exposeInterface, illegal } from "./idl";

const token = {};

class Navigator {
  readonly #brand = true;
  constructor(key: unknown = undefined) {
    if (key !== token) throw new TypeError("Illegal constructor");
  }
  static #check(self: Navigator): void {
    if (!(#brand in self)) illegal();
  }
  get userAgent(): string {
    Navigator.#check(this);
    return "isolate-host";
  }
  /** One: whatever the machine has is not the guest's to know. */
  get hardwareConcurrency(): number {
    Navigator.#check(this);
    return 1;
  }
  get language(): string {
    Navigator.#check(this);
    return "en-US";
  }
  get languages(): readonly string[] {
    Navigator.#check(this);
    return languages;
  }
}

const languages = freeze(["en-US"]);

export function installNavigator(): void {
  exposeInterface(Navigator, "Navigator");
  define(root, "navigator", new Navigator(token));
  define(root, "global", root);
}
