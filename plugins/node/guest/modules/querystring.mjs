// node:querystring.
import library from "unenv/node/querystring";

export * from "unenv/node/querystring";
export default { ...library };
