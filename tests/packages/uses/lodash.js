import _ from "lodash";
export default [_.chunk([1, 2, 3, 4, 5], 2), _.template("<%= a %>-<%- b %>")({ a: 1, b: "<" }), _.merge({ a: { b: 1 } }, { a: { c: 2 } }), _.VERSION];
