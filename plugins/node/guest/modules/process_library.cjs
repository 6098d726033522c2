// `process` for the streams library.
module.exports = require("./process.mjs").process;
