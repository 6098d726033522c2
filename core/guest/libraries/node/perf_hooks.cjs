module.exports = { performance: require("isolate-host:lent").performance };
