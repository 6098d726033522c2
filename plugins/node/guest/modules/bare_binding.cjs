// The native half of bare-path: where a relative path begins.
const { platform } = require("../platform");

module.exports = { cwd: () => platform.cwd, platform: "linux" };
