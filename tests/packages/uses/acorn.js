import { parse, tokenizer } from "acorn";
export default [parse("let a = b ?? 1", { ecmaVersion: "latest" }).body[0].declarations[0].init.operator, [...tokenizer("a+1", { ecmaVersion: 2020 })].map((token) => token.type.label)];
