module.exports = require("isolate-host:lent").types;
