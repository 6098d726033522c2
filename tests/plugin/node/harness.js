// Runs the cases, in Node and in a guest: one line of JSON for each.
const answers = {};
function plain(value) {
  return JSON.stringify(value, (_key, item) => {
    if (typeof item === "bigint") return `${item}n`;
    if (typeof item === "symbol") return String(item);
    if (item === undefined) return "undefined";
    if (typeof item === "number" && !Number.isFinite(item)) return String(item);
    if (ArrayBuffer.isView(item)) return { bytes: [...new Uint8Array(item.buffer, item.byteOffset, item.byteLength)] };
    if (item?.type === "Buffer" && Array.isArray(item.data)) return { bytes: item.data };
    if (item !== null && typeof item === "object" && !Array.isArray(item)) return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
    return item;
  });
}
const failed = (e) => `${e?.name} ${e?.code} ${e?.message}`;
function check(name, fn) {
  const key = plain(name);
  try {
    answers[key] = plain(fn());
  } catch (e) {
    answers[key] = failed(e);
  }
}
async function checkAsync(name, fn) {
  const key = plain(name);
  try {
    answers[key] = plain(await fn());
  } catch (e) {
    answers[key] = failed(e);
  }
}
