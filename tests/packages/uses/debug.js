import debug from "debug";
const lines = [];
debug.enable("app:*");
const log = debug("app:x");
log.log = (...args) => lines.push(args.some((arg) => String(arg).includes("hello")));
log("hello %s", "you");
export default [log.enabled, debug("other").enabled, lines, debug.humanize(61000)];
