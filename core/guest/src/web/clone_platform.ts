// structuredClone of platform classes that plugins bring along ([Serializable] in Web IDL).
import { append, type List, list } from "../collections";

interface Cloner {
  matches(value: object): boolean;
  copy(value: object): object;
}

const cloners: List<Cloner> = list();

/** `matches` must know the objects by a brand, and neither may run guest code. */
export function registerCloner(matches: Cloner["matches"], copy: Cloner["copy"]): void {
  append(cloners, { matches, copy });
}

export function clonePlatformObject(value: object): object | undefined {
  for (let i = 0; i < cloners.length; i++) {
    const cloner = cloners[i] as Cloner;
    if (cloner.matches(value)) return cloner.copy(value);
  }
  return undefined;
}
