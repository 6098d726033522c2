// Flags of open(), as text or as a number, as the host's modes.
import { p } from "../platform";
import { constants } from "./constants";
import { argumentError } from "./errors";

const MODES: Record<string, string> = {
  __proto__: null as never,
  r: "r",
  rs: "r",
  sr: "r",
  "r+": "r+",
  "rs+": "r+",
  "sr+": "r+",
  w: "w",
  wx: "wx",
  xw: "wx",
  "w+": "w+",
  "wx+": "wx+",
  "xw+": "wx+",
  a: "a",
  ax: "ax",
  xa: "ax",
  as: "a",
  sa: "a",
  "a+": "a+",
  "ax+": "ax+",
  "xa+": "ax+",
  "as+": "a+",
  "sa+": "a+",
};

export function modeOf(flags: unknown, otherwise: string): string {
  if (flags === undefined || flags === null) return otherwise;
  const mode = typeof flags === "number" ? numeric(flags) : MODES[`${flags}`];
  if (mode === undefined) throw argumentError("ERR_INVALID_ARG_VALUE", `The argument 'flags' is invalid. Received '${flags}'`);
  return mode;
}

function numeric(flags: number): string | undefined {
  const { O_APPEND, O_CREAT, O_EXCL, O_RDWR, O_TRUNC, O_WRONLY } = constants;
  const both = (flags & O_RDWR) !== 0;
  if (!both && (flags & O_WRONLY) === 0) return "r";
  const exclusive = (flags & O_EXCL) !== 0 ? "x" : "";
  const plus = both ? "+" : "";
  if ((flags & O_APPEND) !== 0) return `a${exclusive}${plus}`;
  if ((flags & O_TRUNC) !== 0 || exclusive !== "") return `w${exclusive}${plus}`;
  // Created when it is not there, and kept when it is: of the textual flags none says that.
  return (flags & O_CREAT) === 0 ? "r+" : undefined;
}

/** Of a mode of `access`. */
export function accessMode(mode: unknown): number {
  const number = mode === undefined ? constants.F_OK : +(mode as number);
  if (!p.isInteger(number) || number < 0 || number > 7) {
    throw argumentError("ERR_INVALID_ARG_VALUE", `The argument 'mode' is invalid. Received ${mode}`);
  }
  return number;
}
