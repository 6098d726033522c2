// Source maps, version 3: the positions of generated code back to what its author wrote. Decoded on first use only;
// most code never throws.
import { append, type List, list, Table } from "../collections";
import {
  hasOwn,
  isArray,
  jsonParse,
  stringCharCodeAt,
  stringIncludes,
  stringLastIndexOf,
  stringSlice,
  stringStartsWith,
} from "../primordials";

export interface Position {
  source: string;
  /** From 1, as V8 counts. */
  line: number;
  column: number;
}

/** Four numbers a segment: generated column, source, source line, source column; all from 0. */
type Line = List<number>;

interface DecodedMap {
  sources: List<string>;
  lines: List<Line>;
}

interface Registered {
  json: string;
  /** `null`: the map is unusable. */
  decoded: DecodedMap | null | undefined;
}

const maps = new Table<string, Registered>();

export function addSourceMap(filename: string, json: string): void {
  maps.set(filename, { json, decoded: undefined });
}

export function hasSourceMap(filename: string): boolean {
  return maps.has(filename);
}

const digits = new Table<number, number>();
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
for (let i = 0; i < 64; i++) digits.set(stringCharCodeAt(alphabet, i), i);

/** A reader over the `mappings` text; a broken map reads as garbage numbers but always ends. */
class Cursor {
  readonly text: string;
  at = 0;
  constructor(text: string) {
    this.text = text;
  }
  get code(): number {
    return this.at < this.text.length ? stringCharCodeAt(this.text, this.at) : -1;
  }
  /** One base-64 variable-length number. */
  number(): number {
    let value = 0;
    let shift = 0;
    for (;;) {
      const digit = digits.get(this.code);
      if (digit === undefined) return 0;
      this.at++;
      value += (digit & 31) * 2 ** shift;
      if ((digit & 32) === 0) break;
      shift += 5;
    }
    const half = value >= 0 ? (value - (value % 2)) / 2 : 0;
    return value % 2 === 1 ? -half : half;
  }
}

const SEMICOLON = 59;

/** Reads the deltas of one segment after another; columns restart on each line, the rest goes on. */
class Mappings {
  readonly #cursor: Cursor;
  #column = 0;
  #source = 0;
  #sourceLine = 0;
  #sourceColumn = 0;

  constructor(text: string) {
    this.#cursor = new Cursor(text);
  }
  lines(): List<Line> {
    const lines: List<Line> = list();
    let line: Line = list();
    for (let code = this.#cursor.code; code >= 0; code = this.#cursor.code) {
      if (digits.has(code)) {
        this.#segment(line);
        continue;
      }
      this.#cursor.at++;
      if (code !== SEMICOLON) continue;
      append(lines, line);
      line = list();
      this.#column = 0;
    }
    append(lines, line);
    return lines;
  }
  #segment(line: Line): void {
    const cursor = this.#cursor;
    this.#column += cursor.number();
    if (!digits.has(cursor.code)) return; // generated code without a source
    append(line, this.#column);
    this.#source += cursor.number();
    this.#sourceLine += cursor.number();
    this.#sourceColumn += cursor.number();
    append(line, this.#source);
    append(line, this.#sourceLine);
    append(line, this.#sourceColumn);
    if (digits.has(cursor.code)) cursor.number(); // the index of a name
  }
}

interface RawMap {
  mappings?: unknown;
  sources?: unknown;
  sourceRoot?: unknown;
}

function decodeMap(filename: string, json: string): DecodedMap | null {
  const raw = jsonParse(json) as RawMap;
  if (!hasOwn(raw, "mappings") || typeof raw.mappings !== "string") return null;
  if (!hasOwn(raw, "sources") || !isArray(raw.sources)) return null;
  const root = hasOwn(raw, "sourceRoot") && typeof raw.sourceRoot === "string" ? raw.sourceRoot : "";
  const sources: List<string> = list();
  for (let i = 0; i < raw.sources.length; i++) append(sources, resolveSource(filename, root, `${raw.sources[i]}`));
  return { sources, lines: new Mappings(raw.mappings).lines() };
}

/** Relative sources are relative to the generated file; an empty one is that file itself (RFC 3986 §5.2.2), as our compiler writes it. */
function resolveSource(filename: string, root: string, source: string): string {
  const name = root === "" || isAbsolute(source) ? source : `${root}${stringSlice(root, -1) === "/" ? "" : "/"}${source}`;
  if (name === "") return filename;
  if (isAbsolute(name)) return name;
  const slash = stringLastIndexOf(filename, "/");
  return normalize(`${slash < 0 ? "" : stringSlice(filename, 0, slash + 1)}${name}`);
}

function isAbsolute(path: string): boolean {
  return stringStartsWith(path, "/") || stringIncludes(path, ":");
}

/** Resolves `.` and `..` segments. */
function normalize(path: string): string {
  const kept: List<string> = list();
  let start = 0;
  for (let i = 0; i <= path.length; i++) {
    if (i < path.length && path[i] !== "/") continue;
    const part = stringSlice(path, start, i);
    start = i + 1;
    if (part === ".." && kept.length > 0 && kept[kept.length - 1] !== "" && kept[kept.length - 1] !== "..") kept.length -= 1;
    else if (part !== ".") append(kept, part);
  }
  let result = "";
  for (let i = 0; i < kept.length; i++) result += `${i > 0 ? "/" : ""}${kept[i]}`;
  return result;
}

function mapFor(filename: string): DecodedMap | null {
  const entry = maps.get(filename);
  if (entry === undefined) return null;
  if (entry.decoded === undefined) {
    try {
      entry.decoded = decodeMap(filename, entry.json);
    } catch {
      entry.decoded = null;
    }
    entry.json = "";
  }
  return entry.decoded;
}

/** The original of a generated position (both counted from 1), or `undefined` when the map does not cover it. */
export function originalPosition(filename: string, line: number, column: number): Position | undefined {
  const map = mapFor(filename);
  const segments = map?.lines[line - 1];
  if (map === null || segments === undefined) return undefined;
  let low = 0;
  let high = segments.length / 4 - 1;
  let found = -1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if ((segments[middle * 4] as number) <= column - 1) {
      found = middle;
      low = middle + 1;
    } else high = middle - 1;
  }
  if (found < 0) return undefined;
  const source = map.sources[segments[found * 4 + 1] as number];
  if (source === undefined) return undefined;
  return { source, line: (segments[found * 4 + 2] as number) + 1, column: (segments[found * 4 + 3] as number) + 1 };
}
