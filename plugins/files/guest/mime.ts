// The media type of a name: the table of the npm package `mime`, not that of the machine.
import types from "../../../core/guest/node_modules/mime/dist/types/standard.js";
import { p } from "./platform";

let table: object | undefined;

/** Made when it is first asked: most runtimes never ask. */
function byEnding(): object {
  const made = new p.Map();
  const names: string[] = p.keys(types);
  for (let i = 0; i < names.length; i++) {
    const endings = (types as Record<string, string[]>)[names[i] as string] as string[];
    for (let j = 0; j < endings.length; j++) {
      const ending = endings[j] as string;
      // A star marks an ending that is first of all another type's.
      if (ending[0] !== "*") p.mapSet(made, ending, names[i]);
    }
  }
  return made;
}

export function typeOf(name: string): string {
  const dot: number = p.stringLastIndexOf(name, ".");
  if (dot < 1) return "";
  table ??= byEnding();
  return p.mapGet(table, p.stringToLowerCase(p.stringSlice(name, dot + 1))) ?? "";
}
