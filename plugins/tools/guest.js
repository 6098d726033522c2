"use strict";
(() => {
  // ../../plugins/tools/guest/generator.ts
  var ToolGenerator = class {
    #sdk;
    #start;
    /** The host's iterator; `null` once nothing will come any more. */
    #iterator;
    #starting = false;
    #waiting = [];
    constructor(sdk, start) {
      this.#sdk = sdk;
      this.#start = start;
    }
    next(...args) {
      return this.#request("next", args);
    }
    return(...args) {
      return this.#request("return", args);
    }
    throw(...args) {
      return this.#request("throw", args);
    }
    #request(method, args) {
      const { Promise: Promise2 } = this.#sdk.primordials;
      return new Promise2((resolve, reject) => {
        const step = { method, args, resolve, reject };
        if (this.#starting) this.#sdk.primordials.define(this.#waiting, this.#waiting.length, step, 7);
        else this.#run(step);
      });
    }
    #run(step) {
      if (this.#iterator === void 0 && step.method === "next") this.#begin(step);
      else if (this.#iterator === void 0 || this.#iterator === null) this.#finish(step);
      else this.#forward(this.#iterator, step);
    }
    #begin(step) {
      this.#starting = true;
      this.#sdk.primordials.subscribe(
        this.#start(),
        (iterator) => this.#started(iterator, step),
        (reason) => {
          this.#started(null, void 0);
          step.reject(reason);
        }
      );
    }
    #started(iterator, step) {
      this.#iterator = iterator;
      this.#starting = false;
      if (step !== void 0) this.#run(step);
      const waiting = this.#waiting;
      this.#waiting = [];
      for (let i = 0; i < waiting.length; i++) this.#run(waiting[i]);
    }
    /** The host's iterator keeps the order of requests itself. */
    #forward(iterator, step) {
      const { apply, subscribe } = this.#sdk.primordials;
      subscribe(apply(iterator[step.method], iterator, step.args), step.resolve, step.reject);
    }
    /** What a generator answers that has ended, or that is ended before it began. */
    #finish(step) {
      this.#iterator = null;
      if (step.method === "throw") step.reject(step.args[0]);
      else step.resolve({ value: step.method === "return" ? step.args[0] : void 0, done: true });
    }
  };
  var prepared = false;
  function lazyGenerator(sdk, name, args) {
    const { asyncIteratorPrototype, define, setPrototypeOf, toStringTagSymbol } = sdk.primordials;
    if (!prepared) {
      prepared = true;
      setPrototypeOf(ToolGenerator.prototype, asyncIteratorPrototype);
      define(ToolGenerator.prototype, toStringTagSymbol, "AsyncGenerator", 4);
    }
    return new ToolGenerator(sdk, () => sdk.callArray(name, args));
  }

  // ../../plugins/tools/guest/index.ts
  function defineTool(sdk, name, kind) {
    const tool = kind === "generator" ? (...args) => lazyGenerator(sdk, name, args) : (...args) => sdk.callArray(name, args);
    sdk.primordials.define(tool, "name", name, 4);
    sdk.defineGlobal(name, tool);
  }
  var capability = {
    install(sdk, options) {
      const { keys, hasOwn } = sdk.primordials;
      const each = (table, kindOf) => {
        const names = keys(table);
        for (let i = 0; i < names.length; i++) defineTool(sdk, names[i], kindOf(names[i]));
      };
      const tools = hasOwn(options, "tools") ? options.tools ?? {} : {};
      if (hasOwn(options, "denied")) each(options.denied ?? {}, () => "async");
      each(tools, (name) => tools[name]?.kind ?? "async");
    }
  };
  registerCapability("tools", capability);
})();
