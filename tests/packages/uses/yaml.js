import { parse, parseDocument, stringify } from "yaml";
export default [parse("a: [1, 2]\nb: &x {c: d}\ne: *x\n"), stringify({ a: ["x: y", null, true] }), parseDocument("a: [").errors.map((e) => e.code)];
