// Which names CommonJS text exports, found without running it (as Node finds them).
import { parse } from "cjs-module-lexer";
import { jsonStringify } from "../primordials";

/** JSON of `{exports, reexports}`, always; the lists are empty for text that the lexer cannot read. */
export function commonJsNames(source: string): string {
  try {
    const found = parse(source);
    return `{"exports":${listOf(found.exports)},"reexports":${listOf(found.reexports)}}`;
  } catch {
    return '{"exports":[],"reexports":[]}';
  }
}

function listOf(names: string[]): string {
  let text = "";
  for (let i = 0; i < names.length; i++) {
    const name: unknown = names[i];
    if (typeof name === "string") text += `${text === "" ? "" : ","}${jsonStringify(name)}`;
  }
  return `[${text}]`;
}
