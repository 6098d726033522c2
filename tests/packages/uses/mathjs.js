import { all, create, derivative, evaluate, matrix, multiply } from "mathjs";
const big = create(all, { number: "BigNumber", precision: 40 });
export default [evaluate("12.7 cm to inch").toString(), derivative("x^2 + x", "x").toString(), multiply(matrix([[1, 2], [3, 4]]), [1, 1]).toArray(), big.evaluate("1/3").toString()];
