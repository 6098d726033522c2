// Writes table.json: what Jest's `expect`, run in Node.js, says to each pair of values.
//   cd core/guest && npm ci && node ../../tests/plugin/tests/equality/make.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const require = createRequire(new URL("../../../../core/guest/package.json", import.meta.url));
const { expect } = require("expect");
const { version } = JSON.parse(readFileSync(require.resolve("expect/package.json"), "utf8"));
const MATCHERS = { b: "toBe", e: "toEqual", s: "toStrictEqual", o: "toMatchObject" };
const PRELUDE = readFileSync(`${here}prelude.js`, "utf8");

/** Every value is compared with itself and with its neighbours, which are its likes. */
const VALUES = `
undefined | null | 0 | -0 | 1 | NaN | Infinity | "" | "a" | "1" | true | false | 1n | 0n | sym | Symbol("s") | fn | () => {}
new String("a") | new Number(1) | new Boolean(false) | Object(1n)
({}) | ({a: 1}) | ({a: 1, b: undefined}) | ({a: undefined}) | ({a: {b: 1}}) | ({[sym]: 1}) | Object.create(null) | Object.create({a: 1})
[] | [1] | [1, 2] | [undefined] | [,] | [1, , 3] | [1, undefined, 3] | ({length: 1, 0: 1}) | Object.assign([1], {x: 1})
new Point(1, 2) | ({x: 1, y: 2}) | new Named("a") | new Sub(1, 2)
new Date(0) | new Date(1) | new Date(NaN) | /a/ | /a/g | /b/
new Map() | new Map([[1, 2]]) | new Map([[2, 1]]) | new Map([[{a: 1}, 1]]) | new Map([["a", undefined]])
new Set() | new Set([1]) | new Set([1, 2]) | new Set([2, 1]) | new Set([{a: 1}]) | new Set([[1]])
new Error("a") | new Error("b") | new TypeError("a") | new Error("a", {cause: 1}) | Object.assign(new Error("a"), {code: 1})
new Uint8Array([1, 2]) | new Uint8Array([1, 3]) | new Uint16Array([1, 2]) | new Float32Array([NaN]) | new Uint8Array([1, 2]).buffer | new ArrayBuffer(2) | new DataView(new ArrayBuffer(2))
cyclic(1) | cyclic(2) | cyclicList() | args(1, 2) | new WeakMap() | Promise.resolve(1)
`.split(/[|\n]/).map((text) => text.trim()).filter(Boolean);

/** Pairs that a cross of the above does not have; the expected value is on the right. */
const PAIRS = `
({a: 1, b: 2}) | expect.objectContaining({a: 1})
({a: 1}) | expect.objectContaining({b: 1})
({a: 1}) | expect.not.objectContaining({b: 1})
({a: {b: 1, c: 2}}) | expect.objectContaining({a: {b: 1}})
({a: {b: 1, c: 2}}) | ({a: expect.objectContaining({b: 1})})
[1, 2, 3] | expect.arrayContaining([3, 1])
[1, 2, 3] | expect.arrayContaining([4])
[1, 2, 3] | expect.not.arrayContaining([4])
[1, 2] | expect.arrayOf(expect.any(Number))
[1, "2"] | expect.arrayOf(expect.any(Number))
"hello" | expect.stringContaining("ell")
"hello" | expect.stringMatching(/^h/)
"hello" | expect.stringMatching("^x")
"hello" | expect.not.stringContaining("x")
"hello" | expect.not.stringMatching(/x/)
1 | expect.any(Number)
"a" | expect.any(String)
true | expect.any(Boolean)
1n | expect.any(BigInt)
sym | expect.any(Symbol)
fn | expect.any(Function)
[] | expect.any(Array)
null | expect.any(Object)
new Point(1, 2) | expect.any(Point)
new Sub(1, 2) | expect.any(Point)
new Point(1, 2) | expect.any(Sub)
0 | expect.anything()
null | expect.anything()
undefined | expect.anything()
0.1 + 0.2 | expect.closeTo(0.3)
0.1 + 0.2 | expect.closeTo(0.4)
({a: 0.1 + 0.2}) | ({a: expect.closeTo(0.3, 5)})
0.1 + 0.2 | 0.3
({a: 1, b: 2}) | ({a: 1})
({a: [1, 2]}) | ({a: [1]})
({a: {b: {c: 1, d: 2}}}) | ({a: {b: {c: 1}}})
({a: undefined}) | ({b: undefined})
({a: 1, b: undefined}) | ({a: 1, c: undefined})
[[1, undefined]] | [[1]]
[{a: undefined}] | [{}]
({a: -0}) | ({a: 0})
({a: NaN}) | ({a: NaN})
[NaN] | [NaN]
[-0] | [0]
new Map([[NaN, 1]]) | new Map([[NaN, 1]])
new Map([[{a: 1}, {b: 2}]]) | new Map([[{a: 1}, {b: 2}]])
new Map([[{a: 1}, {b: 2}]]) | new Map([[{a: 1}, {b: 3}]])
new Map([["a", 1], ["b", 2]]) | new Map([["b", 2], ["a", 1]])
new Map([["a", new Map([["b", 1]])]]) | new Map([["a", new Map([["b", 1]])]])
new Map([["a", {x: undefined}]]) | new Map([["a", {}]])
new Set([{a: 1}, {b: 2}]) | new Set([{b: 2}, {a: 1}])
new Set([{a: 1}]) | new Set([{a: 2}])
new Set([new Set([1])]) | new Set([new Set([1])])
new Set([{a: undefined}]) | new Set([{}])
new Set([NaN]) | new Set([NaN])
({d: new Date(5)}) | ({d: new Date(5)})
({d: new Date(5)}) | ({d: new Date(6)})
({r: /x/gi}) | ({r: /x/ig})
({r: /x/y}) | ({r: /x/})
new Error("a", {cause: new Error("b")}) | new Error("a", {cause: new Error("b")})
new Error("a", {cause: new Error("b")}) | new Error("a", {cause: new Error("c")})
({e: new Error("a")}) | ({e: new Error("a")})
({e: new Error("a")}) | ({e: new Error("b")})
new AggregateError([new Error("a")], "m") | new AggregateError([new Error("a")], "m")
new AggregateError([new Error("a")], "m") | new AggregateError([new Error("b")], "m")
({message: "a"}) | new Error("a")
new Error("a") | ({message: "a"})
new Float64Array([1.5, -0]) | new Float64Array([1.5, 0])
new BigInt64Array([1n]) | new BigInt64Array([1n])
new BigInt64Array([1n]) | new BigInt64Array([2n])
[new Uint8Array([1])] | [new Uint8Array([1])]
new Uint8Array([1, 2, 3]).subarray(1) | new Uint8Array([2, 3])
new Uint8Array(new ArrayBuffer(4), 1, 2) | new Uint8Array([0, 0])
new DataView(new Uint8Array([1, 2]).buffer) | new DataView(new Uint8Array([1, 3]).buffer)
new Uint8Array([1, 2]).buffer | new Uint8Array([1, 3]).buffer
({b: new Uint8Array([1, 2]).buffer}) | ({b: new Uint8Array([1, 2]).buffer})
same | same
({same}) | ({same})
Object.freeze({a: 1}) | ({a: 1})
Object.defineProperty({}, "a", {value: 1}) | ({})
Object.defineProperty({}, "a", {get: () => 1, enumerable: true}) | ({a: 1})
({get a() { return 1 }}) | ({get a() { return 2 }})
({[Symbol.for("k")]: 1}) | ({[Symbol.for("k")]: 1})
({[Symbol.for("k")]: 1}) | ({[Symbol.for("k")]: 2})
({[Symbol.for("k")]: undefined}) | ({})
({[Symbol.iterator]: () => [1][Symbol.iterator]()}) | ({[Symbol.iterator]: () => [1][Symbol.iterator]()})
iterable(1, 2) | iterable(1, 2)
iterable(1, 2) | iterable(1, 3)
generator(1, 2) | generator(1, 2)
[1, 2, 3].values() | [1, 2, 3].values()
args(1, 2) | args(1, 2)
args(1, 2) | [1, 2]
new Bag([1]) | new Bag([1])
new Bag([1]) | new Bag([2])
new Bag([1]) | new Set([1])
new Tagged(1) | new Tagged(1)
new Tagged(1) | new Tagged(2)
new Private(1) | new Private(2)
new WithToJSON(1) | ({a: 1})
class A {} | class A {}
Object.assign(() => {}, {a: 1}) | Object.assign(() => {}, {a: 1})
new Proxy({a: 1}, {}) | ({a: 1})
new Proxy([1], {}) | [1]
Object.create(Point.prototype, {x: {value: 1, enumerable: true}, y: {value: 2, enumerable: true}}) | new Point(1, 2)
({constructor: 1}) | ({constructor: 1})
({constructor: 1}) | ({})
({__proto__: null, a: 1}) | ({a: 1})
JSON.parse('{"__proto__": 1}') | ({})
({hasOwnProperty: 1}) | ({hasOwnProperty: 1})
({asymmetricMatch: () => true}) | ({asymmetricMatch: () => true})
({length: 0}) | []
"abc" | ["a", "b", "c"]
new String("a") | new String("a")
new String("a") | new String("b")
new Number(NaN) | new Number(NaN)
new Boolean(true) | new Boolean(false)
Object(sym) | Object(sym)
Object(1n) | Object(2n)
new Array(3) | [undefined, undefined, undefined]
new Array(3) | new Array(3)
[, 1] | [undefined, 1]
mutual() | mutual()
deep(50, 1) | deep(50, 1)
deep(50, 1) | deep(50, 2)
new Promise(() => {}) | new Promise(() => {})
new WeakSet() | new WeakSet()
new URL("http://a/") | new URL("http://a/")
new URL("http://a/") | new URL("http://b/")
`.split("\n").filter((line) => line.trim()).map((line) => line.split(" | ").map((text) => text.trim()));

const NEAR = 10;
const near = (i) => VALUES.slice(Math.max(0, i - NEAR), i + NEAR + 1);
const pairs = [...VALUES.flatMap((a, i) => near(i).map((b) => [a, b])), ...PAIRS];
const both = new Function("expect", "a", "b", `${PRELUDE}\nreturn eval("[" + a + ", " + b + "]");`);

function passes(matcher, a, b) {
  // Both values come from one evaluation, so that names mean the same in both.
  const [received, expected] = both(expect, a, b);
  try {
    expect(received)[matcher](expected);
    return true;
  } catch {
    return false;
  }
}

const rows = pairs.map(([a, b]) => [a, b, Object.keys(MATCHERS).filter((key) => passes(MATCHERS[key], a, b)).join("")]);
const lines = rows.map((row) => JSON.stringify(row)).join(",\n");
writeFileSync(`${here}table.json`, `{"expect": "${version}", "node": ${process.versions.node.split(".")[0]}, "rows": [\n${lines}\n]}\n`);
console.log(`${rows.length} pairs`);
