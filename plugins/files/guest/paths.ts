// Paths as texts. The host takes them apart again and judges; here they are only put together.
import { p, sdk } from "./platform";

/** Absolute, without `.` and empty names, and with `..` resolved as far as that goes: what climbs above the root stays for the host to see. */
export function absolute(path: string): string {
  return normal(path[0] === "/" ? path : `${sdk.cwd}/${path}`);
}

export function normal(path: string): string {
  const names: string[] = [];
  let climbs = "";
  let from = 0;
  while (from <= path.length) {
    const at: number = p.stringIndexOf(path, "/", from);
    const end = at < 0 ? path.length : at;
    const name: string = p.stringSlice(path, from, end);
    from = end + 1;
    if (name === "" || name === ".") continue;
    if (name !== "..") p.define(names, names.length, name, 7);
    else if (names.length > 0) names.length--;
    else climbs += "/..";
  }
  let result = climbs;
  for (let i = 0; i < names.length; i++) result += `/${names[i]}`;
  return result === "" ? "/" : result;
}

export const join = (folder: string, name: string): string => (folder === "/" ? `/${name}` : `${folder}/${name}`);

export function nameOf(path: string): string {
  return p.stringSlice(path, p.stringLastIndexOf(path, "/") + 1);
}

export function folderOf(path: string): string {
  const at: number = p.stringLastIndexOf(path, "/");
  return at <= 0 ? "/" : p.stringSlice(path, 0, at);
}

/** Whether a handle may have this name: one name, and none that means a folder's own or the one above. */
export const isName = (name: string): boolean =>
  name !== "" && name !== "." && name !== ".." && !p.stringIncludes(name, "/") && !p.stringIncludes(name, "\0");
