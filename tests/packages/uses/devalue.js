import { parse, stringify, uneval } from "devalue";
const value = { a: new Map([[1, new Date(5)]]), r: /x/g };
value.self = value;
export default [stringify(value), parse(stringify(value)).self.a.get(1).getTime(), uneval([1, , -0])];
