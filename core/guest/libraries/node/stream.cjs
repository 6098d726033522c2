const { isDisturbed, isErrored } = require("isolate-host:lent");
module.exports = { Transform: class {}, isDisturbed, isErrored };
