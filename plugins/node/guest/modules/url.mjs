// node:url: the legacy parser and the conversions of file URLs.
import library from "unenv/node/url";
import { coded } from "./errors.mjs";
import { process } from "./process.mjs";

const { default: _, ...rest } = library;

function fileURLToPath(url, options) {
  try {
    return library.fileURLToPath(url, options);
  } catch (error) {
    if (error.code !== undefined || error instanceof URIError) throw error;
    throw Object.assign(coded(TypeError, "ERR_INVALID_URL", "Invalid URL"), { input: url });
  }
}

function pathToFileURL(path, options) {
  const isWhole = options?.windows || typeof path !== "string" || path.startsWith("/");
  return library.pathToFileURL(isWhole ? path : `${process.cwd().replace(/\/?$/, "/")}${path}`, options);
}

/** Host names as the platform's parser sees them; what is none is nothing. */
function domainToASCII(domain) {
  const { URL } = globalThis;
  return URL.canParse(`ws://${domain}`) ? new URL(`ws://${domain}`).hostname : "";
}

export default {
  ...rest,
  URL: globalThis.URL,
  URLSearchParams: globalThis.URLSearchParams,
  fileURLToPath,
  pathToFileURL,
  domainToASCII,
  domainToUnicode: (domain) => library.domainToUnicode(domainToASCII(domain)),
};
