// Body of function (registerCapability): runs in the guest before any guest code, written by hand, no build.
// The host checks everything again; what stands here is convenience.
registerCapability("kv", {
  install(sdk) {
    const kv = {
      get: (key) => sdk.call("get", key),
      set: (key, value) => sdk.call("set", key, value),
      delete: (key) => sdk.call("delete", key),
      // The host answers with an async iterator; it is asked for when the guest wants the first entry.
      entries: async function* entries(start = "") {
        yield* await sdk.call("entries", start);
      },
    };
    sdk.defineGlobal("kv", Object.freeze(kv));
  },
});
