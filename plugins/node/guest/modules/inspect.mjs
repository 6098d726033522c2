// `util.inspect` and `util.format` of the guest surface.
import { platform } from "../platform";

export const { inspect } = platform;
export const formatWithOptions = (options, ...args) => platform.format(options, ...args);
export const format = (...args) => platform.format({}, ...args);
