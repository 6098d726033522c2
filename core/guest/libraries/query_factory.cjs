// whatwg-url makes the query object of a URL through its own wrapper class; ours is src/web/url.ts.
const { implementation } = require("whatwg-url/lib/URLSearchParams-impl.js");

exports.createImpl = (globalObject, args, options) => new implementation(globalObject, args, options);
