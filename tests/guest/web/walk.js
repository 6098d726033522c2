// Walks every interface that the kernel adds and lists what is not as Web IDL wants it, or shows how it is made.
(() => {
  const out = [];
  const WELL_KNOWN = [Symbol.toStringTag, Symbol.iterator, Symbol.asyncIterator];
  const text = (key) => (typeof key === "symbol" ? `[${key.description}]` : key);

  function accessors({ value, get, set }) {
    return [["", value], ["get ", get], ["set ", set]].filter(([, f]) => typeof f === "function");
  }

  // Called on an object of another kind: a TypeError, thrown or as a rejection, and nothing else.
  function brand(path, f, args) {
    try {
      const value = Reflect.apply(f, {}, args);
      if (value instanceof Promise) value.then(() => out.push(`${path}: no brand check`), () => {});
      else out.push(`${path}: no brand check`);
    } catch (error) {
      if (!(error instanceof TypeError)) out.push(`${path}: ${error} instead of a TypeError`);
    }
  }

  function member(path, key, descriptor, onPrototype) {
    if (typeof key === "symbol" && !WELL_KNOWN.includes(key)) out.push(`${path}: a symbol of the implementation`);
    if (typeof key === "string" && key.startsWith("_")) out.push(`${path}: an underscore`);
    if (descriptor.enumerable !== (typeof key === "string")) out.push(`${path}: enumerable is ${descriptor.enumerable}`);
    for (const [prefix, f] of accessors(descriptor)) {
      if (typeof key === "string" && f.name !== prefix + key) out.push(`${path}: named '${f.name}'`);
      if (Object.hasOwn(f, "prototype")) out.push(`${path}: can be constructed`);
      if (prefix === "get " && f.length !== 0) out.push(`${path}: getter of length ${f.length}`);
      if (prefix === "set " && f.length !== 1) out.push(`${path}: setter of length ${f.length}`);
      if (onPrototype) brand(prefix + path, f, [{}, {}, {}]);
    }
  }

  function members(owner, name, onPrototype) {
    const ownOfFunctions = onPrototype ? ["constructor"] : ["length", "name", "prototype"];
    for (const key of Reflect.ownKeys(owner)) {
      if (ownOfFunctions.includes(key) || key === Symbol.toStringTag) continue;
      member(`${name}.${text(key)}`, key, Object.getOwnPropertyDescriptor(owner, key), onPrototype);
    }
  }

  function expect(path, object, key, wanted) {
    const found = Object.getOwnPropertyDescriptor(object, key);
    for (const part of Object.keys(wanted)) if (found?.[part] !== wanted[part]) out.push(`${path}.${text(key)}: ${part} is ${found?.[part]}`);
  }

  function interfaceObject(name, constructor) {
    expect(name, globalThis, name, { writable: true, enumerable: false, configurable: true });
    expect(name, constructor, "prototype", { writable: false, enumerable: false, configurable: false });
    expect(name, constructor, "name", { value: name, writable: false, enumerable: false, configurable: true });
    expect(name, constructor, "length", { writable: false, enumerable: false, configurable: true });
    expect(name, constructor.prototype, "constructor", { value: constructor, writable: true, enumerable: false, configurable: true });
    expect(name, constructor.prototype, Symbol.toStringTag, { value: name, writable: false, enumerable: false, configurable: true });
    members(constructor, name, false);
    members(constructor.prototype, `${name}.prototype`, true);
    try {
      constructor();
      out.push(`${name}: can be called without new`);
    } catch (error) {
      if (!(error instanceof TypeError)) out.push(`${name}: called without new it throws ${error}`);
    }
  }

  const names = Object.getOwnPropertyNames(globalThis);
  // Errors of the language, and namespaces, follow other rules.
  const others = ["SuppressedError", "AsyncContext"];
  const added = names.slice(names.indexOf("WebAssembly") + 1).filter((name) => /^[A-Z]/.test(name) && !others.includes(name));
  for (const name of added) interfaceObject(name, globalThis[name]);
  return Promise.resolve().then(() => ({ wrong: out, interfaces: added.length }));
})();
