// The errors of the library's url module, as Node words them.
import { coded, invalidArgType, invalidArgValue } from "./errors.mjs";

/** The library makes its errors with `new`. */
const returning = (make) =>
  function Made(...args) {
    return make(...args);
  };
const split = (expected) => (Array.isArray(expected) ? expected : [expected]);

export const ERR_INVALID_ARG_TYPE = returning((name, expected, actual) => invalidArgType(name, split(expected), actual));
export const ERR_INVALID_ARG_VALUE = returning((name, value, reason) => invalidArgValue(name, value, reason));
export const ERR_INVALID_FILE_URL_HOST = returning(() =>
  coded(TypeError, "ERR_INVALID_FILE_URL_HOST", 'File URL host must be "localhost" or empty on linux'),
);
export const ERR_INVALID_FILE_URL_PATH = returning((reason) =>
  coded(TypeError, "ERR_INVALID_FILE_URL_PATH", `File URL path ${reason}`),
);
export const ERR_INVALID_URL_SCHEME = returning((expected) =>
  coded(TypeError, "ERR_INVALID_URL_SCHEME", `The URL must be of scheme ${split(expected).join(" or ")}`),
);
export const ERR_INVALID_URL = returning((input) => Object.assign(coded(TypeError, "ERR_INVALID_URL", "Invalid URL"), { input }));
