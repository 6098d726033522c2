import groupBy from "lodash/groupBy.js";
import fp from "lodash/fp.js";
export default [groupBy([1.2, 1.8, 2.1], Math.floor), fp.flow(fp.map((x) => x * 2), fp.sum)([1, 2, 3])];
