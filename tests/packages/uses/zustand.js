import { createStore } from "zustand/vanilla";
const store = createStore((set) => ({ n: 1, inc: () => set((state) => ({ n: state.n + 1 })) }));
const seen = [];
store.subscribe((state, before) => seen.push([before.n, state.n]));
store.getState().inc();
export default [store.getState().n, seen];
