import { blake3 } from "@noble/hashes/blake3.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
export default [bytesToHex(sha256(utf8ToBytes("abc"))), bytesToHex(blake3(utf8ToBytes("abc"))), bytesToHex(hmac(sha256, utf8ToBytes("k"), utf8ToBytes("m")))];
