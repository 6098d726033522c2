"""Values across the wire, both ways, and the Python classes for JavaScript kinds. See ``docs/reference/values.md``."""

from isolate_host.wire.decode import Decoder, decode_value
from isolate_host.wire.encode import Encoder, encode_value
from isolate_host.wire.kinds import UNDEFINED, BigInt, JSMap, JSRegExp, JSSet, TypedArray

__all__ = ["UNDEFINED", "BigInt", "Decoder", "Encoder", "JSMap", "JSRegExp", "JSSet", "TypedArray", "decode_value", "encode_value"]
