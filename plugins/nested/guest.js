"use strict";
(() => {
  // ../../plugins/nested/guest/platform.ts
  function readOptions(sdk, where, value, known) {
    const { create, hasOwn, keys, stringIncludes, TypeError } = sdk.primordials;
    const options = create(null);
    if (value === void 0 || value === null) return options;
    if (typeof value !== "object") throw new TypeError(`${where}: the options must be an object`);
    const names = keys(value);
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      if (!stringIncludes(` ${known} `, ` ${name} `)) throw new TypeError(`${where} has no option '${name}'; there are: ${known}`);
      if (hasOwn(value, name)) options[name] = value[name];
    }
    return options;
  }
  function bestEffort(sdk, what, run) {
    const failed = (error) => {
      try {
        sdk.primordials.root.console.error(`${what} failed:`, error);
      } catch {
      }
    };
    try {
      sdk.primordials.settleWith(run(), () => {
      }, failed);
    } catch (error) {
      failed(error);
    }
  }

  // ../../plugins/nested/guest/resolver.ts
  var PLACE = "filename resolveDir static";
  var ModuleResolver = class {
    #sdk;
    #entries = [];
    #loaders = [];
    constructor(sdk) {
      this.#sdk = sdk;
    }
    virtual(specifier, source, options = void 0) {
      const { TypeError } = this.#sdk.primordials;
      if (typeof source !== "string" && typeof source !== "function")
        throw new TypeError(`The source of '${specifier}' must be a string or a function`);
      const place = readOptions(this.#sdk, "virtual()", options, PLACE);
      const text = typeof source === "string" ? { source } : {};
      return this.#add({ kind: "virtual", name: specifier, ...text, ...place }, source);
    }
    sourceTree(prefix, loader) {
      return this.#add({ kind: "sourceTree", name: prefix }, this.#function(loader, "sourceTree"));
    }
    fallback(loader) {
      return this.#add({ kind: "fallback" }, this.#function(loader, "fallback"));
    }
    #function(loader, where) {
      if (typeof loader !== "function") throw new this.#sdk.primordials.TypeError(`${where}(): the loader must be a function`);
      return loader;
    }
    #add(entry, loader) {
      const { define, TypeError } = this.#sdk.primordials;
      if (entry.kind !== "fallback" && typeof entry.name !== "string") throw new TypeError("A module's specifier must be a string");
      define(this.#entries, this.#entries.length, entry, 7);
      define(this.#loaders, this.#loaders.length, loader, 7);
      return this;
    }
    /** What was collected, or `undefined` for anything that createModuleResolver() did not make. */
    static sourcesOf(value) {
      return #entries in value ? { entries: value.#entries, loaders: value.#loaders } : void 0;
    }
  };
  var { sourcesOf } = ModuleResolver;
  function createModuleResolver(sdk) {
    return new ModuleResolver(sdk);
  }

  // ../../plugins/nested/guest/bindings.ts
  var ANSWERED = "console fetch files modules tools";
  var FILE_OPERATIONS = ["readFile", "writeFile", "unlink", "readdir", "mkdir", "rmdir", "stat", "rename"];
  var FILE_NAMES = ["read_file", "write_file", "unlink", "readdir", "mkdir", "rmdir", "stat", "rename"];
  var Bound = class {
    #sdk;
    #functions;
    #sources;
    /** Capabilities of this runtime that the child gets. */
    lent = [];
    /** What the host has to know about the others. */
    spec;
    constructor(sdk, value, inherit) {
      const { create, define, keys, stringIncludes, TypeError } = sdk.primordials;
      this.#sdk = sdk;
      this.#functions = create(null);
      this.spec = create(null);
      if (value !== void 0 && (typeof value !== "object" || value === null)) throw new TypeError("bindings must be an object");
      const names = value === void 0 ? [] : keys(value);
      for (let i = 0; i < names.length; i++) {
        const name = names[i];
        const item = value[name];
        if (!stringIncludes(` ${ANSWERED} `, ` ${name} `)) {
          this.#checkOwn(name, item);
          define(this.lent, this.lent.length, name, 7);
        } else if (item !== void 0 && item !== null) this.#read(name, item);
      }
      if (inherit && this.#functions.fetch === void 0)
        this.#read("fetch", (request) => sdk.primordials.root.fetch(request));
    }
    /** A capability of this runtime is passed on by its own object; nobody can write one. */
    #checkOwn(name, item) {
      const { TypeError } = this.#sdk.primordials;
      if (item === void 0) throw new TypeError(`bindings.${name} is undefined: this runtime has no '${name}' to pass on`);
      if (this.#sdk.capabilityOf(item) === name) return;
      throw new TypeError(`bindings.${name} must be the '${name}' of this runtime; guest code may answer: ${ANSWERED}`);
    }
    #read(name, item) {
      const { TypeError } = this.#sdk.primordials;
      const wrong = (what) => new TypeError(`bindings.${name} must be ${what}`);
      if (name === "fetch" ? typeof item !== "function" : typeof item !== "object")
        throw wrong(name === "fetch" ? "a function" : "an object");
      this.#functions[name] = item;
      if (name === "tools") this.spec.tools = this.#kinds(item);
      else if (name === "files") this.spec.files = this.#operations(item, wrong);
      else if (name === "modules") {
        this.#sources = sourcesOf(item);
        if (this.#sources === void 0) throw wrong("made by createModuleResolver()");
        this.spec.modules = this.#sources.entries;
      } else {
        if (name === "console" && typeof item.onEntry !== "function") throw wrong("an object with a function onEntry");
        this.spec[name] = true;
      }
    }
    #kinds(tools) {
      const { create, keys, TypeError } = this.#sdk.primordials;
      const kinds = create(null);
      const names = keys(tools);
      for (let i = 0; i < names.length; i++) {
        const name = names[i];
        if (typeof tools[name] !== "function") throw new TypeError(`bindings.tools.${name} must be a function`);
        kinds[name] = this.#sdk.types.isGeneratorFunction?.(tools[name]) ? "generator" : "async";
      }
      return kinds;
    }
    #operations(files, wrong) {
      const { define } = this.#sdk.primordials;
      const found = [];
      for (let i = 0; i < FILE_OPERATIONS.length; i++)
        if (typeof files[FILE_OPERATIONS[i]] === "function") define(found, found.length, FILE_NAMES[i], 7);
      if (found.length === 0)
        throw wrong("an object with some of the functions readFile writeFile unlink readdir mkdir rmdir stat rename");
      return found;
    }
    // ------------------------------------------------------------------ calls of the child
    /** `request` has the signal, which aborts when the child loses interest. */
    answer(request, capability2, op, args, context) {
      const { apply, define, isArray } = this.#sdk.primordials;
      define(context, "signal", request.signal, 7);
      if (capability2 === "lent") return this.#passOn(request, op, args);
      const functions = this.#functions[capability2];
      if (capability2 === "fetch") return apply(functions, void 0, [this.#request(request, args), context]);
      const loader = capability2 === "modules" ? this.#sources?.loaders[op] : void 0;
      const target = capability2 === "modules" ? loader : functions?.[op];
      if (typeof target !== "function" || !isArray(args))
        throw new this.#sdk.primordials.TypeError(`There is no ${capability2}.${op} to answer`);
      define(args, args.length, context, 7);
      const result = apply(target, capability2 === "modules" ? void 0 : functions, args);
      return capability2 === "tools" && this.spec.tools[op] === "generator" ? asynchronous(result) : result;
    }
    #request(request, args) {
      return new this.#sdk.web.Request(args[0], { signal: request.signal, redirect: args[1] });
    }
    #passOn(request, name, args) {
      for (let i = 0; i < this.lent.length; i++)
        if (this.lent[i] === name)
          return this.#sdk.callOf(name, args[0], args[1], { signal: request.signal });
      throw new this.#sdk.primordials.TypeError(`The capability '${name}' was not passed on`);
    }
    /** A console entry of the child. */
    console(entry, context) {
      const { console } = this.#functions;
      if (console !== void 0)
        bestEffort(
          this.#sdk,
          "bindings.console.onEntry",
          () => this.#sdk.primordials.apply(console.onEntry, console, [entry, context])
        );
    }
  };
  async function* asynchronous(iterator) {
    return yield* iterator;
  }
  function readServer(sdk, value) {
    const { onCommand } = readOptions(sdk, "webSockets", value, "onCommand");
    if (onCommand !== void 0 && typeof onCommand !== "function")
      throw new sdk.primordials.TypeError("webSockets.onCommand must be a function");
    return onCommand;
  }

  // ../../plugins/nested/guest/family.ts
  var TURNS = 256;
  var Settled = class {
    #sdk;
    #value;
    constructor(sdk, value) {
      this.#sdk = sdk;
      this.#value = value;
    }
    then(resolve) {
      const done = () => resolve(void 0);
      this.#sdk.primordials.settleWith(this.#value, done, done);
    }
  };
  var Family = class {
    #sdk;
    #children;
    #turns;
    #number = 0;
    #turn = 0;
    #listening = false;
    constructor(sdk) {
      this.#sdk = sdk;
      this.#children = new sdk.primordials.Map();
      this.#turns = new sdk.primordials.Map();
      sdk.onReset(() => {
        const { mapClear, mapForEach } = sdk.primordials;
        mapForEach(this.#children, (child) => {
          child.ended = true;
        });
        mapClear(this.#children);
        mapClear(this.#turns);
      });
    }
    /** A number that no child had before, in this isolate or the one that it was forked from. */
    admit(bound) {
      this.#listen();
      const { Map, mapSet } = this.#sdk.primordials;
      const number = ++this.#number;
      const run = this.#sdk.snapshot((work) => work());
      const child = { number, bound, run, ended: false, listeners: { test: [], command: [], events: new Map() } };
      mapSet(this.#children, number, child);
      return child;
    }
    forget(child) {
      child.ended = true;
      this.#sdk.primordials.mapDelete(this.#children, child.number);
    }
    /** Asks for something on which the child may call back: those calls run in the present async context. */
    inTurn(ask, keep = false) {
      const { mapDelete, mapSet, subscribe } = this.#sdk.primordials;
      const turn = ++this.#turn;
      mapSet(
        this.#turns,
        turn,
        this.#sdk.snapshot((work) => work())
      );
      mapDelete(this.#turns, turn - TURNS);
      const promise = ask(turn);
      const over = () => mapDelete(this.#turns, turn);
      if (!keep) subscribe(promise, over, over);
      return promise;
    }
    // ------------------------------------------------------------------ from the host
    #listen() {
      if (this.#listening) return;
      this.#listening = true;
      const family = this;
      this.#sdk.handle("answer", function(number, turn, cap, op, args, context) {
        return family.#answer(this, number, turn, cap, op, args, context);
      });
      this.#sdk.handle("tell", ((number, turn, what, value) => this.#told(number, turn, what, value)));
      this.#sdk.handle("ended", (...args) => {
        const child = this.#sdk.primordials.mapGet(this.#children, args[0]);
        if (child !== void 0) this.forget(child);
      });
    }
    #in(child, turn, work) {
      return (this.#sdk.primordials.mapGet(this.#turns, turn) ?? child.run)(work);
    }
    #answer(request, number, turn, cap, op, args, context) {
      const child = this.#sdk.primordials.mapGet(this.#children, number);
      if (child === void 0) throw new this.#sdk.primordials.ReferenceError("There is no such child");
      if (cap === "ws") return this.#deliver(child.listeners.command, args[0]);
      return this.#in(child, turn, () => child.bound.answer(request, cap, op, args, context));
    }
    /** To each; the answer waits for the last one, so that a child that sends much is held back by a parent that takes little. */
    #deliver(listeners, value) {
      let last;
      for (let i = 0; i < listeners.length; i++) {
        const listener = listeners[i];
        bestEffort(this.#sdk, "webSockets.onCommand", () => {
          last = this.#sdk.primordials.apply(listener, void 0, [value]);
          return last;
        });
      }
      return new Settled(this.#sdk, last);
    }
    #told(number, turn, what, value) {
      const child = this.#sdk.primordials.mapGet(this.#children, number);
      if (child === void 0) return;
      this.#in(child, turn, () => {
        if (what === "console") child.bound.console(value[0], value[1]);
        else if (what === "test") this.#tellAll(child.listeners.test, "a test event handler", value);
        else if (what === "event")
          this.#tellAll(this.#sdk.primordials.mapGet(child.listeners.events, value[0]) ?? [], "an event listener", value[1]);
      });
    }
    #tellAll(listeners, what, value) {
      for (let i = 0; i < listeners.length; i++) {
        const listener = listeners[i];
        bestEffort(this.#sdk, what, () => this.#sdk.primordials.apply(listener, void 0, [value]));
      }
    }
    /** Adds a listener; gives the function that takes it off. */
    on(child, listeners, listener) {
      const { define, TypeError } = this.#sdk.primordials;
      if (typeof listener !== "function") throw new TypeError("The listener must be a function");
      if (child.ended) throw this.disposed();
      define(listeners, listeners.length, listener, 7);
      return () => {
        let to = 0;
        let found = false;
        for (let i = 0; i < listeners.length; i++) {
          if (!found && listeners[i] === listener) found = true;
          else define(listeners, to++, listeners[i], 7);
        }
        listeners.length = to;
      };
    }
    disposed() {
      const error = new this.#sdk.primordials.Error("the runtime was disposed");
      this.#sdk.primordials.define(error, "name", "Disposed");
      return error;
    }
  };

  // ../../plugins/nested/guest/handles.ts
  var EVAL = "filename executionTimeout signal";
  var RUN = "filename timeoutMs signal filter retry bail shuffle seed maxConcurrency testTimeoutMs";
  var HANDLE = "requestId metadata signal timeoutMs";
  var Handles = class {
    #sdk;
    #family;
    #child;
    #onEnd;
    constructor(sdk, family, child, onEnd) {
      this.#sdk = sdk;
      this.#family = family;
      this.#child = child;
      this.#onEnd = onEnd;
    }
    #call = (op, args, signal) => {
      const full = [this.#child.number];
      for (let i = 0; i < args.length; i++) this.#sdk.primordials.define(full, i + 1, args[i], 7);
      return this.#sdk.callArray(op, full, { signal });
    };
    #options(where, value, known) {
      return readOptions(this.#sdk, where, value, known);
    }
    common() {
      const dispose = (value = void 0) => {
        const { hard, reason } = this.#options("dispose()", value, "hard reason");
        this.#onEnd();
        return this.#call("dispose", [hard === true, reason]);
      };
      return { diagnostics: () => this.#call("diagnostics", []), dispose };
    }
    eval() {
      const run = (code, value = void 0) => {
        const { signal, ...options } = this.#options("eval()", typeof value === "string" ? { filename: value } : value, EVAL);
        return this.#family.inTurn((turn) => this.#call("eval", [turn, code, { ...options }], signal));
      };
      return { eval: run, events: this.#events() };
    }
    #events() {
      const { freeze, mapGet, mapSet, TypeError } = this.#sdk.primordials;
      const { events } = this.#child.listeners;
      const on = (name, listener) => {
        if (typeof name !== "string") throw new TypeError("The name of an event must be a string");
        const known = mapGet(events, name);
        const listeners = known ?? [];
        const off = this.#family.on(this.#child, listeners, listener);
        if (known === void 0) {
          mapSet(events, name, listeners);
          this.#sdk.note("listen", this.#child.number, name);
        }
        return off;
      };
      return freeze({ on, emit: (name, payload = void 0) => this.#call("emit", [name, payload]) });
    }
    tests(name) {
      const run = (code, value = void 0) => {
        const { signal, filename, timeoutMs, ...options } = this.#options(`${name}()`, value, RUN);
        const told = { filename, timeoutMs, options: { ...options } };
        return this.#family.inTurn((turn) => this.#call("runTests", [turn, code, told], signal));
      };
      const { test } = this.#child.listeners;
      const onEvent = (listener) => {
        const off = this.#family.on(this.#child, test, listener);
        if (test.length === 1) this.#sdk.note("watchTests", this.#child.number);
        return off;
      };
      return { [name]: run, test: this.#sdk.primordials.freeze({ onEvent }) };
    }
    server() {
      const handle = (request, value = void 0) => {
        const { primordials, web } = this.#sdk;
        if (typeof request !== "object" || request === null || !web.isRequest(request))
          return primordials.Promise.reject(new primordials.TypeError("handle() needs a Request"));
        const { signal = web.readRequest(request).signal, ...options } = this.#options("handle()", value, HANDLE);
        return this.#family.inTurn((turn) => this.#call("handle", [turn, request, { ...options }], signal), true);
      };
      return { handle, ws: this.#sockets(), reload: (reason = void 0) => this.#call("reload", [reason]) };
    }
    #sockets() {
      const send = (op) => (connection, ...args) => this.#call("ws", [op, connection, args]);
      const close = (connection, code = 1e3, reason = "") => this.#call("ws", ["close", connection, [code, reason]]);
      const error = (connection, failure) => {
        const text = typeof failure === "object" && failure !== null ? failure.message : failure;
        return this.#call("ws", ["error", connection, [`${text}`]]);
      };
      const onCommand = (listener) => this.#family.on(this.#child, this.#child.listeners.command, listener);
      return this.#sdk.primordials.freeze({ open: send("open"), message: send("message"), close, error, onCommand });
    }
  };
  function makeHandle(sdk, family, child, kind, facts, key, onEnd) {
    const handles = new Handles(sdk, family, child, onEnd);
    const common = { id: facts.id, ...handles.common() };
    const { freeze } = sdk.primordials;
    if (kind === "server") return freeze({ ...common, key, ...handles.server() });
    if (kind === "test") return freeze({ ...common, ...handles.tests("run") });
    if (kind === "namespaced")
      return freeze({ ...common, key, reused: facts.reused, ...handles.eval(), ...handles.tests("runTests") });
    return freeze({ ...common, ...handles.eval() });
  }

  // ../../plugins/nested/guest/index.ts
  var COMMON = "bindings cwd executionTimeout memoryLimitMB nestedHost";
  var MODULES = ["isolate-host", "@ricsam/isolate"];
  var NestedHost = class {
    #sdk;
    #family;
    #inherit;
    /** What close() has to end: disposers of live children, and the sessions that were made here. */
    #live;
    #keys;
    #closing;
    constructor(sdk, family, inherit) {
      this.#sdk = sdk;
      this.#family = family;
      this.#inherit = inherit;
      this.#live = new sdk.primordials.Set();
      this.#keys = new sdk.primordials.Set();
    }
    open(kind, where, value, known, key) {
      const { Promise: Promise2 } = this.#sdk.primordials;
      return new Promise2((resolve, reject) => {
        if (this.#closing !== void 0) throw new this.#sdk.primordials.TypeError("the nested host was closed");
        const { bindings, webSockets, ...options } = readOptions(this.#sdk, where, value, known);
        if (key !== void 0) options.key = key;
        const bound = new Bound(this.#sdk, bindings ?? void 0, this.#inherit);
        const onCommand = readServer(this.#sdk, webSockets);
        const child = this.#family.admit(bound);
        if (onCommand !== void 0) this.#family.on(child, child.listeners.command, onCommand);
        const failed = (error) => {
          this.#family.forget(child);
          reject(error);
        };
        const made = (facts) => resolve(this.#hold(kind, child, facts, options));
        const promise = this.#sdk.call("create", child.number, kind, { ...options }, bound.spec, bound.lent);
        this.#sdk.primordials.subscribe(promise, made, failed);
      });
    }
    #hold(kind, child, facts, options) {
      const { setAdd, setDelete } = this.#sdk.primordials;
      const end = () => this.#sdk.call("dispose", child.number, true, "the nested host was closed");
      setAdd(this.#live, end);
      if (kind !== "server" && options.key !== void 0) setAdd(this.#keys, options.key);
      const handle = makeHandle(this.#sdk, this.#family, child, kind, facts, options.key, () => setDelete(this.#live, end));
      if (this.#closing !== void 0)
        this.#sdk.primordials.subscribe(
          end(),
          () => {
          },
          () => {
          }
        );
      return handle;
    }
    disposeNamespace(key, value) {
      const { reason } = readOptions(this.#sdk, "disposeNamespace()", value, "reason");
      return this.#sdk.call("disposeNamespace", key, reason);
    }
    close() {
      this.#closing ??= this.#close();
      return this.#closing;
    }
    #close() {
      const { define, Promise: Promise2, setForEach, subscribe } = this.#sdk.primordials;
      const ends = [];
      setForEach(this.#live, (end) => define(ends, ends.length, end, 7));
      setForEach(this.#keys, (key) => define(ends, ends.length, () => this.disposeNamespace(key, void 0), 7));
      return new Promise2((resolve, reject) => {
        let at = 0;
        const next = () => {
          const end = ends[at++];
          if (end === void 0) resolve(void 0);
          else subscribe(end(), next, reject);
        };
        next();
      });
    }
  };
  function publicHost(sdk, host) {
    return sdk.primordials.freeze({
      createRuntime: (options = void 0) => host.open("runtime", "createRuntime()", options, `${COMMON} key`),
      createTestRuntime: (options = void 0) => host.open("test", "createTestRuntime()", options, `${COMMON} key`),
      createAppServer: (options = void 0) => host.open("server", "createAppServer()", options, `${COMMON} key entry source webSockets`),
      getNamespacedRuntime: (key, options = void 0) => host.open("namespaced", "getNamespacedRuntime()", options, COMMON, key ?? ""),
      disposeNamespace: (key, options = void 0) => host.disposeNamespace(key, options),
      diagnostics: () => sdk.call("diagnostics", null),
      close: () => host.close()
    });
  }
  var capability = {
    install(sdk, grant) {
      let made;
      const make = () => {
        const family = new Family(sdk);
        const createIsolateHost = (options = void 0) => {
          readOptions(sdk, "createIsolateHost()", options, "");
          return publicHost(sdk, new NestedHost(sdk, family, grant.fetch === "inherit"));
        };
        made ??= { createIsolateHost, createModuleResolver: () => createModuleResolver(sdk) };
        return made;
      };
      for (let i = 0; i < MODULES.length; i++) sdk.defineModule(MODULES[i], () => made ?? make());
    },
    absent(sdk, hint) {
      const refuse = () => {
        throw new sdk.primordials.TypeError(`The module 'isolate-host' is not granted: ${hint}`);
      };
      for (let i = 0; i < MODULES.length; i++) sdk.defineModule(MODULES[i], refuse);
    }
  };
  registerCapability("nested", capability);
})();
