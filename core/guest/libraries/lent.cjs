// What the kernel lends to the libraries in place of globals that guest code owns. Filled by src/web/lend.ts before the
// library that needs it is evaluated.
module.exports = { __proto__: null };
