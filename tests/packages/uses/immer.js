import { enableMapSet, produce } from "immer";
enableMapSet();
const base = { list: [{ done: false }], map: new Map([["a", 1]]) };
const next = produce(base, (draft) => {
  draft.list[0].done = true;
  draft.map.set("b", 2);
});
export default [base.list[0].done, next.list, [...next.map], Object.isFrozen(next), base.map.size];
