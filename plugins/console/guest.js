"use strict";
(() => {
  // ../../plugins/console/guest/labels.ts
  var Counters = class {
    #sdk;
    #out;
    #counts;
    constructor(sdk, out) {
      this.#sdk = sdk;
      this.#out = out;
      this.#counts = new sdk.primordials.Map();
    }
    clear() {
      this.#sdk.primordials.mapClear(this.#counts);
    }
    count(label) {
      const { mapGet, mapSet } = this.#sdk.primordials;
      const count = (mapGet(this.#counts, label) ?? 0) + 1;
      mapSet(this.#counts, label, count);
      this.#out.emit("count", "log", `${label}: ${count}`, { __proto__: null, label, count });
    }
    reset(label) {
      const { mapDelete } = this.#sdk.primordials;
      const known = mapDelete(this.#counts, label);
      const text = known ? "" : `Count for '${label}' does not exist`;
      this.#out.emit("countReset", known ? "log" : "warn", text, { __proto__: null, label });
    }
  };
  var Timers = class {
    #sdk;
    #out;
    #started;
    constructor(sdk, out) {
      this.#sdk = sdk;
      this.#out = out;
      this.#started = new sdk.primordials.Map();
    }
    clear() {
      this.#sdk.primordials.mapClear(this.#started);
    }
    start(label) {
      const { mapHas, mapSet, monotonic } = this.#sdk.primordials;
      if (mapHas(this.#started, label)) {
        this.#out.emit("time", "warn", `Label '${label}' already exists for console.time()`, { __proto__: null, label });
      } else mapSet(this.#started, label, monotonic());
    }
    log(label, data) {
      this.#report("timeLog", label, "console.timeLog()", data);
    }
    end(label) {
      this.#report("time", label, "console.timeEnd()", []);
      this.#sdk.primordials.mapDelete(this.#started, label);
    }
    #report(type, label, method, data) {
      const { mapGet, monotonic } = this.#sdk.primordials;
      const start = mapGet(this.#started, label);
      if (start === void 0) {
        this.#out.emit(type, "warn", `No such label '${label}' for ${method}`, { __proto__: null, label });
        return;
      }
      const duration = monotonic() - start;
      const detail = data.length === 0 ? "" : ` ${this.#out.format(data)}`;
      const extra = { __proto__: null, label, duration_ms: duration };
      this.#out.emit(type, "log", `${label}: ${this.#duration(duration)}${detail}`, extra);
    }
    /** As Node writes it: `12.3ms`, `1.500s`, `1:05.250 (m:ss.mmm)`. */
    #duration(ms) {
      const { floor } = this.#sdk.primordials;
      if (ms < 1e3) return `${floor(ms * 1e3 + 0.5) / 1e3}ms`;
      const total = floor(ms + 0.5);
      const rest = `${pad(total % 1e3, 3)}`;
      const seconds = floor(total / 1e3);
      if (seconds < 60) return `${seconds}.${rest}s`;
      const minutes = floor(seconds / 60);
      const clock = `${pad(seconds % 60, 2)}.${rest}`;
      if (minutes < 60) return `${minutes}:${clock} (m:ss.mmm)`;
      return `${floor(minutes / 60)}:${pad(minutes % 60, 2)}:${clock} (h:mm:ss.mmm)`;
    }
  };
  function pad(value, width) {
    let text = `${value}`;
    while (text.length < width) text = `0${text}`;
    return text;
  }

  // ../../plugins/console/guest/output.ts
  var FORMAT = { __proto__: null };
  function primitiveText(value) {
    switch (typeof value) {
      case "string":
        return value;
      case "number":
        return value === 0 && 1 / value < 0 ? "-0" : `${value}`;
      case "boolean":
      case "undefined":
        return `${value}`;
      case "bigint":
        return `${value}n`;
      default:
        return value === null ? "null" : void 0;
    }
  }
  var Output = class {
    #sdk;
    /** Open groups. */
    depth = 0;
    constructor(sdk) {
      this.#sdk = sdk;
    }
    emit(type, level, text, extra) {
      const entry = { type, level, text, group_depth: this.depth };
      this.#sdk.note("entry", extra === void 0 ? entry : { ...entry, ...extra });
    }
    write(level, data) {
      this.emit("output", level, this.format(data));
    }
    /** Never throws: a value that cannot be shown says so, and the entry still arrives. */
    format(data) {
      const plain = this.#plainText(data);
      if (plain !== void 0) return plain;
      const { apply } = this.#sdk.primordials;
      try {
        const args = [FORMAT];
        for (let i = 0; i < data.length; i++) this.#sdk.primordials.define(args, i + 1, data[i], 7);
        return apply(this.#sdk.format, void 0, args);
      } catch (error) {
        return this.#piecewise(data, error);
      }
    }
    inspect(value, options) {
      try {
        return this.#sdk.inspect(value, options);
      } catch (error) {
        return `[inspection failed: ${this.#describe(error)}]`;
      }
    }
    /** Most entries are primitives without directives: those need no formatter. */
    #plainText(data) {
      const { length } = data;
      if (length === 0) return "";
      const first = data[0];
      if (length > 1 && typeof first === "string" && this.#sdk.primordials.stringIncludes(first, "%")) return void 0;
      let text = primitiveText(first);
      for (let i = 1; i < length && text !== void 0; i++) {
        const part = primitiveText(data[i]);
        text = part === void 0 ? void 0 : `${text} ${part}`;
      }
      return text;
    }
    #piecewise(data, cause) {
      if (data.length === 1) return `[formatting failed: ${this.#describe(cause)}]`;
      let text = "";
      for (let i = 0; i < data.length; i++) text += `${i > 0 ? " " : ""}${this.format([data[i]])}`;
      return text;
    }
    #describe(error) {
      try {
        return `${error}`;
      } catch {
        return "an exception without a message";
      }
    }
  };

  // ../../plugins/console/guest/width.ts
  function textWidth(sdk, text) {
    const { stringCharCodeAt } = sdk.primordials;
    let width = 0;
    for (let i = 0; i < text.length; i++) {
      let code = stringCharCodeAt(text, i);
      if (code >= 55296 && code < 56320 && i + 1 < text.length) {
        const low = stringCharCodeAt(text, i + 1);
        if (low >= 56320 && low < 57344) {
          code = (code - 55296) * 1024 + (low - 56320) + 65536;
          i++;
        }
      }
      width += isZeroWidth(code) ? 0 : isWide(code) ? 2 : 1;
    }
    return width;
  }
  function isZeroWidth(code) {
    return code <= 31 || code >= 127 && code <= 159 || code >= 768 && code <= 879 || code >= 8203 && code <= 8207 || code >= 8400 && code <= 8447 || code >= 65024 && code <= 65039 || code >= 65056 && code <= 65071 || code >= 917760 && code <= 917999;
  }
  function isWide(code) {
    return code >= 4352 && (code <= 4447 || code === 9001 || code === 9002 || code >= 11904 && code <= 12871 && code !== 12351 || code >= 12880 && code <= 19903 || code >= 19968 && code <= 42182 || code >= 43360 && code <= 43388 || code >= 44032 && code <= 55203 || code >= 63744 && code <= 64255 || code >= 65040 && code <= 65049 || code >= 65072 && code <= 65131 || code >= 65281 && code <= 65376 || code >= 65504 && code <= 65510 || code >= 110592 && code <= 110593 || code >= 127488 && code <= 127569 || code >= 127744 && code <= 128591 || code >= 129280 && code <= 129535 || code >= 131072 && code <= 262141);
  }

  // ../../plugins/console/guest/table.ts
  function tableOf(sdk, out, data, properties) {
    if (data === null || typeof data !== "object") return void 0;
    try {
      return new Table(sdk, out).draw(data, properties);
    } catch {
      return void 0;
    }
  }
  var Table = class {
    #sdk;
    #out;
    #columns = [];
    #rows = 0;
    constructor(sdk, out) {
      this.#sdk = sdk;
      this.#out = out;
    }
    draw(data, properties) {
      const { isPrototypeOf, Map, Set } = this.#sdk.primordials;
      if (isPrototypeOf(Map.prototype, data)) this.#fromMap(data);
      else if (isPrototypeOf(Set.prototype, data)) this.#fromSet(data);
      else this.#fromObject(data, properties);
      return this.#render();
    }
    #column(name) {
      for (let i = 0; i < this.#columns.length; i++) if (this.#columns[i]?.name === name) return this.#columns[i];
      const column = { name, cells: { __proto__: null } };
      this.#sdk.primordials.define(this.#columns, this.#columns.length, column, 7);
      return column;
    }
    #cell(value) {
      const { isArray, keys } = this.#sdk.primordials;
      const large = typeof value === "object" && value !== null && !isArray(value) && keys(value).length > 2;
      const options = { __proto__: null, maxArrayLength: 3, breakLength: 1 / 0, depth: large ? -1 : 0 };
      return this.#out.inspect(value, options);
    }
    #fromMap(data) {
      const { mapForEach } = this.#sdk.primordials;
      const index = this.#column("(iteration index)");
      const keys = this.#column("Key");
      const values = this.#column("Values");
      mapForEach(data, (value, key) => {
        index.cells[this.#rows] = `${this.#rows}`;
        keys.cells[this.#rows] = this.#cell(key);
        values.cells[this.#rows] = this.#cell(value);
        this.#rows++;
      });
    }
    #fromSet(data) {
      const { setForEach } = this.#sdk.primordials;
      const index = this.#column("(iteration index)");
      const values = this.#column("Values");
      setForEach(data, (value) => {
        index.cells[this.#rows] = `${this.#rows}`;
        values.cells[this.#rows] = this.#cell(value);
        this.#rows++;
      });
    }
    #fromObject(data, properties) {
      const { isArray, keys } = this.#sdk.primordials;
      const chosen = isArray(properties) ? properties : void 0;
      const index = this.#column("(index)");
      const primitives = { __proto__: null };
      const names = keys(data);
      let hasPrimitives = false;
      for (; this.#rows < names.length; this.#rows++) {
        const key = names[this.#rows];
        const item = data[key];
        index.cells[this.#rows] = key;
        const primitive = item === null || typeof item !== "object" && typeof item !== "function";
        if (primitive) {
          hasPrimitives = true;
          primitives[this.#rows] = this.#cell(item);
        }
        if (!primitive || chosen !== void 0) this.#row(item, primitive, chosen ?? keys(item));
      }
      if (hasPrimitives) this.#addValues(primitives);
    }
    #row(item, primitive, names) {
      const { hasOwn } = this.#sdk.primordials;
      for (let i = 0; i < names.length; i++) {
        const name = `${names[i]}`;
        const column = this.#column(name);
        if (primitive || !hasOwn(item, name)) continue;
        column.cells[this.#rows] = this.#cell(item[name]);
      }
    }
    /** Its own column even when a property is called so too. */
    #addValues(cells) {
      this.#sdk.primordials.define(this.#columns, this.#columns.length, { name: "Values", cells }, 7);
    }
    #render() {
      const widths = [];
      for (let i = 0; i < this.#columns.length; i++) {
        this.#sdk.primordials.define(widths, i, this.#width(this.#columns[i]), 7);
      }
      let text = `${this.#rule(widths, "┌", "┬", "┐")}
${this.#line(widths, (column) => column.name)}
`;
      text += this.#rule(widths, "├", "┼", "┤");
      for (let row = 0; row < this.#rows; row++) text += `
${this.#line(widths, (column) => column.cells[row] ?? "")}`;
      return `${text}
${this.#rule(widths, "└", "┴", "┘")}`;
    }
    #width(column) {
      const { max } = this.#sdk.primordials;
      let width = textWidth(this.#sdk, column.name);
      for (let row = 0; row < this.#rows; row++) width = max(width, textWidth(this.#sdk, column.cells[row] ?? ""));
      return width;
    }
    #rule(widths, left, middle, right) {
      const { stringRepeat } = this.#sdk.primordials;
      let text = left;
      for (let i = 0; i < widths.length; i++) text += `${i > 0 ? middle : ""}${stringRepeat("─", widths[i] + 2)}`;
      return text + right;
    }
    #line(widths, cellOf) {
      const { stringRepeat } = this.#sdk.primordials;
      let text = "│";
      for (let i = 0; i < widths.length; i++) {
        const cell = cellOf(this.#columns[i]);
        text += ` ${cell}${stringRepeat(" ", widths[i] - textWidth(this.#sdk, cell))} │`;
      }
      return text;
    }
  };

  // ../../plugins/console/guest/index.ts
  function levelMethods(out) {
    return {
      log: (...data) => out.write("log", data),
      info: (...data) => out.write("info", data),
      debug: (...data) => out.write("debug", data),
      warn: (...data) => out.write("warn", data),
      error: (...data) => out.write("error", data),
      dirxml: (...data) => out.write("log", data)
    };
  }
  function trace(sdk, out, data) {
    const { captureStackTrace, stringIndexOf, stringSlice } = sdk.primordials;
    const holder = { __proto__: null, stack: "" };
    captureStackTrace(holder);
    const { stack } = holder;
    const start = typeof stack === "string" ? stringIndexOf(stack, "\n") : -1;
    const frames = start < 0 ? "" : stringSlice(stack, start + 1);
    const message = out.format(data);
    const head = message === "" ? "Trace" : `Trace: ${message}`;
    out.emit("trace", "log", frames === "" ? head : `${head}
${frames}`, { __proto__: null, stack: frames });
  }
  function inspectionMethods(sdk, out) {
    return {
      dir(item = void 0, options = void 0) {
        out.emit("dir", "log", out.inspect(item, { customInspect: false, ...options }));
      },
      table(data = void 0, properties = void 0) {
        const text = tableOf(sdk, out, data, properties);
        if (text === void 0) out.write("log", [data]);
        else out.emit("table", "log", text);
      },
      trace: (...data) => trace(sdk, out, data),
      assert(condition = false, ...data) {
        if (condition) return;
        const detail = out.format(data);
        const text = detail === "" ? "Assertion failed" : `Assertion failed: ${detail}`;
        out.emit("assert", "error", text);
      }
    };
  }
  function groupMethods(out) {
    const open = (data, collapsed) => {
      const text = out.format(data);
      out.emit("group", "log", text, { __proto__: null, label: text, collapsed });
      out.depth++;
    };
    return {
      group: (...data) => open(data, false),
      groupCollapsed: (...data) => open(data, true),
      groupEnd() {
        if (out.depth > 0) out.depth--;
        out.emit("groupEnd", "log", "");
      },
      clear() {
        out.depth = 0;
        out.emit("clear", "log", "");
      }
    };
  }
  var console;
  var reset;
  function labelMethods(sdk, out) {
    const counters = new Counters(sdk, out);
    const timers = new Timers(sdk, out);
    reset = () => {
      out.depth = 0;
      counters.clear();
      timers.clear();
    };
    return {
      count: (label = "default") => counters.count(`${label}`),
      countReset: (label = "default") => counters.reset(`${label}`),
      time: (label = "default") => timers.start(`${label}`),
      timeLog: (label = "default", ...data) => timers.log(`${label}`, data),
      timeEnd: (label = "default") => timers.end(`${label}`)
    };
  }
  function prepare(sdk) {
    const { create, define, keys, toStringTagSymbol, Object } = sdk.primordials;
    const out = new Output(sdk);
    const groups = [
      levelMethods(out),
      inspectionMethods(sdk, out),
      groupMethods(out),
      labelMethods(sdk, out)
    ];
    console = create(create(Object.prototype));
    for (let i = 0; i < groups.length; i++) {
      const methods = groups[i];
      const names = keys(methods);
      for (let j = 0; j < names.length; j++) define(console, names[j], methods[names[j]], 7);
    }
    define(console, toStringTagSymbol, "console", 4);
  }
  function install(sdk) {
    sdk.defineGlobal("console", console);
    sdk.onReset(reset);
  }
  var capability = { prepare, install };
  registerCapability("console", capability);
})();
