import { JSONPath } from "jsonpath-plus";
const json = { store: { book: [{ title: "A", price: 5 }, { title: "B", price: 15 }] } };
export default [JSONPath({ path: "$..title", json }), JSONPath({ path: "$.store.book[?(@.price > 10)].title", json })];
