// Conversions that Blob's constructor makes.
import { kindOf } from "../codec/kinds";
import { stringIndexOf, stringSlice, trunc } from "../primordials";

export function isBufferSource(value: object): boolean {
  const kind = kindOf(value);
  return kind === "typed" || kind === "view" || kind === "buffer";
}

/** Web IDL `[Clamp] long long` and `long long`, for sizes within 2**53. */
export function toLongLong(value: unknown): number {
  const number = +(value as number);
  return number !== number ? 0 : trunc(number) + 0;
}

/** Line ends as the platform writes them: "\n". */
export function nativeEndings(text: string): string {
  let result = "";
  let from = 0;
  for (let at = stringIndexOf(text, "\r"); at >= 0; at = stringIndexOf(text, "\r", from)) {
    result += `${stringSlice(text, from, at)}\n`;
    from = text[at + 1] === "\n" ? at + 2 : at + 1;
  }
  return result + stringSlice(text, from);
}
