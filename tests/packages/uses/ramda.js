import * as R from "ramda";
export default [R.pipe(R.filter((n) => n > 1), R.map(R.multiply(2)))([1, 2, 3]), R.path(["a", 0, "b"], { a: [{ b: 1 }] }), R.groupBy(R.length, ["a", "bb", "c"])];
