class Point { constructor(x, y) { this.x = x; this.y = y; } }
class Sub extends Point {}
class Named { constructor(name) { this.name = name; } }
class Bag extends Set {}
class Tagged { constructor(v) { this.v = v; } get [Symbol.toStringTag]() { return "Tagged"; } }
class Private { #v; constructor(v) { this.#v = v; } get v() { return this.#v; } }
class WithToJSON { constructor(a) { this.a = a; } toJSON() { return {}; } }
const sym = Symbol("sym");
const fn = function fn() {};
const same = { s: 1 };
const cyclic = (n) => { const o = { n }; o.self = o; return o; };
const cyclicList = () => { const l = [1]; l.push(l); return l; };
const mutual = () => { const a = {}; const b = { a }; a.b = b; return a; };
const deep = (n, leaf) => { let o = { leaf }; for (let i = 0; i < n; i++) o = { o }; return o; };
function args() { return arguments; }
const iterable = (...items) => ({ [Symbol.iterator]: function* () { yield* items; } });
const generator = (...items) => (function* () { yield* items; })();
