const { types, inspect, formatWithOptions } = require("isolate-host:lent");
module.exports = { types, inspect, formatWithOptions };
