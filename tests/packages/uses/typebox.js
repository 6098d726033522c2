import { Type } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import { Value } from "@sinclair/typebox/value";
const T = Type.Object({ a: Type.Integer({ minimum: 1 }), b: Type.Optional(Type.Union([Type.Literal("x"), Type.Null()])) });
export default [TypeCompiler.Compile(T).Check({ a: 1, b: null }), [...Value.Errors(T, { a: 0 })].map((error) => error.path), T];
