// Brings urlpattern-polyfill up to the URL Pattern Standard: what it refuses with expressions of its own goes through the
// URL parser, as the standard says; regular expressions have the flag "v"; names are read by code points.
const CHANGES = [
  [
    /if\(\/\[\\t[^;]*Invalid hostname [^;]*;let t=new URL\("https:\/\/example\.com"\);return t\.hostname=e,t\.hostname\}/,
    'return $$parsed("hostname",e,"https://a.invalid","https://b.invalid")}',
  ],
  [
    /if\(e===""\|\|\/\^\[0-9\]\*\$\/\.test[^;]*;throw new TypeError\(`Invalid port [^;]*\)\}/,
    'return e===""?e:$$parsed("port",e,"a://h:1","a://h:2")}',
  ],
  [/\?"ui":"u"/, '?"vi":"v"'],
  [
    /let i=e\.substr\(s,1\);(if\([^{]*\)\{)f\+=e\[s\+\+\];continue\}break\}/,
    "let i=$$character(e,s);$1f+=i;s+=i.length;continue}break}",
  ],
];

/** A value that the parser refuses leaves a URL as it was: two that differ still differ then. */
const HELPERS = `const $character = (text, at) => String.fromCodePoint(text.codePointAt(at));
function $parsed(part, value, one, two) {
  const first = new URL(one), second = new URL(two);
  first[part] = second[part] = value;
  if (first[part] !== second[part]) throw new TypeError("Invalid " + part + " '" + value + "'");
  return first[part];
}
`;

export function upToDate(text) {
  let result = text;
  for (const [from, to] of CHANGES) {
    if (!from.test(result)) throw new Error(`urlpattern-polyfill: ${from} was not found`);
    result = result.replace(from, to);
  }
  return HELPERS + result;
}
