// Codecs of platform classes (`sdk.registerCodec`): the node `{"$":"x","k":name,"v":value}`.
import { append, type List, list, Table } from "../collections";

export interface Codec {
  matches(value: object): boolean;
  encode(value: object): unknown;
  decode(value: unknown): unknown;
}

interface Named extends Codec {
  name: string;
}

const codecs: List<Named> = list();
const byName = new Table<string, Codec>();

export function registerCodec(name: string, codec: Codec): void {
  const { matches, encode, decode } = codec;
  byName.set(name, codec);
  const entry = { name, matches, encode, decode };
  // A capability that is installed anew for the next owner of a session brings its codec again.
  for (let i = 0; i < codecs.length; i++) {
    if ((codecs[i] as Named).name !== name) continue;
    codecs[i] = entry;
    return;
  }
  append(codecs, entry);
}

export function codecFor(value: object): Named | undefined {
  for (let i = 0; i < codecs.length; i++) {
    const codec = codecs[i] as Named;
    if (codec.matches(value)) return codec;
  }
  return undefined;
}

export function codecNamed(name: string): Codec | undefined {
  return byName.get(name);
}
