import superjson from "superjson";
const text = superjson.stringify({ d: new Date(0), s: new Set([1]), u: undefined, b: 10n });
export default [text, superjson.parse(text).d.getTime(), superjson.parse(text).s.has(1)];
