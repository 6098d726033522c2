import pLimit from "p-limit";
const limit = pLimit(2);
let running = 0;
let most = 0;
const job = (n) => limit(async () => {
  most = Math.max(most, ++running);
  await new Promise((resolve) => setTimeout(resolve, 1));
  running--;
  return n;
});
export default [await Promise.all([1, 2, 3, 4].map(job)), most];
