import { bin, extent, group, mean, quantile } from "d3-array";
export default [mean([1, 2, 6]), extent([3, 1, 2]), quantile([1, 2, 3, 4], 0.25), [...group(["ab", "ac", "b"], (d) => d[0])], bin()([1, 2, 3, 9]).map((b) => b.length)];
