import { camelCase, sortBy, uniqBy } from "lodash-es";
export default [camelCase("foo bar-baz"), sortBy([{ a: 2 }, { a: 1 }], "a"), uniqBy([1.1, 1.2, 2], Math.floor)];
