import QuickLRU from "quick-lru";
const lru = new QuickLRU({ maxSize: 2 });
for (const key of ["a", "b", "c", "d", "e"]) lru.set(key, key);
export default [lru.has("a"), lru.get("e"), lru.size];
