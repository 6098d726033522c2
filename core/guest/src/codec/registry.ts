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
  append(codecs, { name, matches, encode, decode });
  byName.set(name, codec);
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
