// The platform has these; the streams library asks for a package where it does not find them.
module.exports = { AbortController: globalThis.AbortController, AbortSignal: globalThis.AbortSignal };
