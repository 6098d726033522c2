// node:path. The library has no parse and format.
import posixLibrary from "bare-path/posix";
import win32Library from "bare-path/win32";
import { checkString, invalidArgType } from "./errors.mjs";

function format(path, sep) {
  if (path === null || typeof path !== "object") throw invalidArgType("pathObject", "object", path);
  const dir = path.dir || path.root;
  const ext = path.ext ? `${path.ext[0] === "." ? "" : "."}${path.ext}` : "";
  const base = path.base || `${path.name || ""}${ext}`;
  if (!dir) return base;
  return dir === path.root ? `${dir}${base}` : `${dir}${sep}${base}`;
}

/** `C:\`, `\\server\share\`, `C:`, `\`, or nothing. */
function windowsRoot(path) {
  const drive = /^[A-Za-z]:[\\/]?/.exec(path);
  if (drive !== null) return drive[0];
  const share = /^[\\/]{2}[^\\/]+[\\/]+[^\\/]+[\\/]?/.exec(path);
  if (share !== null) return share[0];
  return /^[\\/]/.exec(path)?.[0] ?? "";
}

function parse(path, root, separators) {
  checkString(path, "path");
  const result = { root, dir: "", base: "", ext: "", name: "" };
  const tail = path.slice(root.length);
  let end = tail.length;
  while (end > 0 && separators.includes(tail[end - 1])) end--;
  let start = end;
  while (start > 0 && !separators.includes(tail[start - 1])) start--;
  const base = tail.slice(start, end);
  const dot = base.lastIndexOf(".");
  const hasExt = dot > 0 && base !== "..";
  Object.assign(result, { base, name: hasExt ? base.slice(0, dot) : base, ext: hasExt ? base.slice(dot) : "" });
  const dir = start > 0 ? tail.slice(0, start - 1) : "";
  result.dir = start > 0 ? root + dir : root;
  return result;
}

const named = (name, fn) => Object.defineProperty(fn, "name", { value: name });

/** The library's functions, which complain without a code. */
function checked(library) {
  const names = ["normalize", "isAbsolute", "join", "dirname", "basename", "extname", "resolve", "relative"];
  const wrapped = names.map((name) => [
    name,
    named(name, (...args) => {
      const labels = name === "relative" ? ["from", "to"] : [];
      const needed = name === "join" || name === "resolve" ? args.length : name === "relative" ? 2 : 1;
      for (let i = 0; i < needed; i++) checkString(args[i], labels[i] ?? (name === "resolve" ? `paths[${i}]` : "path"));
      if (name === "basename" && args[1] !== undefined) checkString(args[1], "suffix");
      return library[name](...args);
    }),
  ]);
  return { ...library, ...Object.fromEntries(wrapped) };
}

/** A relative path must not become one with a drive: `.\C:` names a file. */
function withoutDrive(path, result) {
  if (windowsRoot(path) !== "" || !path.includes(":")) return result;
  return /^[A-Za-z]:/.test(result) || /:([\\/]|$)/.test(path) ? `.\\${result}` : result;
}

const posix = checked(posixLibrary);
const win32 = checked(win32Library);
const { normalize, join } = win32;
Object.assign(posix, {
  format: named("format", (path) => format(path, "/")),
  parse: named("parse", (path) => parse(path, typeof path === "string" && path.startsWith("/") ? "/" : "", "/")),
  _makeLong: posix.toNamespacedPath,
  posix,
  win32,
});
Object.assign(win32, {
  format: named("format", (path) => format(path, "\\")),
  parse: named("parse", (path) => parse(path, typeof path === "string" ? windowsRoot(path) : "", "\\/")),
  normalize: named("normalize", (path) => withoutDrive(path, normalize(path))),
  join: named("join", (...parts) => withoutDrive(parts.filter((part) => part !== "").join("\\"), join(...parts))),
  _makeLong: win32.toNamespacedPath,
  posix,
  win32,
});

export { win32 };
export default posix;
