import { pack, unpack } from "msgpackr";
const value = { a: [1, 2.5, "x"], d: new Date(0), n: null };
export default [[...pack(value)].length > 10, unpack(pack(value)).a, unpack(pack(value)).d.getTime()];
