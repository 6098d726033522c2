"use strict";
(() => {
  // ../../plugins/fetch/guest/body.ts
  var WHOLE = 8 * 1024 * 1024;
  var Bodies = class {
    #sdk;
    #getReader;
    #read;
    #cancel;
    constructor(sdk2) {
      const { uncurry } = sdk2.primordials;
      const { ReadableStream } = sdk2.web;
      this.#sdk = sdk2;
      this.#getReader = uncurry(ReadableStream.prototype.getReader);
      const reader = this.#getReader(new ReadableStream());
      this.#read = uncurry(reader.read);
      this.#cancel = uncurry(reader.cancel);
    }
    /** Calls `ready` with what crosses: `null`, bytes (which can be sent again after a redirect), or a stream. */
    outgoing(body, ready, failed) {
      const { isPrototypeOf, typedArrayKind } = this.#sdk.primordials;
      const { Blob, blobBytes, utf8Encode } = this.#sdk.web;
      if (body === null) return ready(null);
      const { source, stream, length } = body;
      if (source === null || length !== null && length > WHOLE) return ready(stream);
      if (typeof source === "string") return ready(utf8Encode(source));
      if (typedArrayKind(source) === "Uint8Array") return ready(source);
      if (isPrototypeOf(Blob.prototype, source)) return ready(blobBytes(source) ?? stream);
      this.whole(stream, ready, failed);
    }
    /** A stream as one piece. */
    whole(stream, ready, failed) {
      this.#gather(this.#getReader(stream), [], 0, ready, failed);
    }
    #gather(reader, chunks, size, ready, failed) {
      const { define, subscribe, typedArrayByteLength, typedArraySet, Uint8Array } = this.#sdk.primordials;
      subscribe(
        this.#read(reader),
        (result) => {
          const { done, value } = result;
          if (!done) {
            define(chunks, chunks.length, value, 7);
            return this.#gather(reader, chunks, size + typedArrayByteLength(value), ready, failed);
          }
          const whole = new Uint8Array(size);
          let at = 0;
          for (let i = 0; i < chunks.length; i++) {
            typedArraySet(whole, chunks[i], at);
            at += typedArrayByteLength(chunks[i]);
          }
          ready(whole);
        },
        failed
      );
    }
    /** The body of a response: ends with the host's, or when the signal aborts; its errors are those of fetch(). */
    incoming(stream, signal, failures2) {
      const { Promise: Promise2, subscribe } = this.#sdk.primordials;
      const { offAbort, onAbort, ReadableStream } = this.#sdk.web;
      const reader = this.#getReader(stream);
      let onEnd = () => {
      };
      const pull = (controller) => new Promise2((resolve) => {
        const ended = () => {
          onEnd();
          controller.close();
          controller.byobRequest?.respond(0);
          resolve();
        };
        const failed = (error) => {
          onEnd();
          controller.error(failures2.terminated(error, signal));
          resolve();
        };
        const arrived = (result) => {
          const { done, value } = result;
          if (done) return ended();
          if (!failures2.isAborted(signal)) controller.enqueue(value);
          resolve();
        };
        subscribe(this.#read(reader), arrived, failed);
      });
      const start = (controller) => {
        const abort = () => {
          controller.error(failures2.reasonOf(signal));
          this.#drop(reader, void 0);
        };
        onAbort(signal, abort);
        onEnd = () => offAbort(signal, abort);
      };
      const cancel2 = (reason) => {
        onEnd();
        this.#drop(reader, reason);
      };
      return new ReadableStream({ __proto__: null, type: "bytes", start, pull, cancel: cancel2 }, { __proto__: null, highWaterMark: 0 });
    }
    /** Tells the other end that nobody wants more. */
    #drop(reader, reason) {
      const ignore = () => {
      };
      this.#sdk.primordials.subscribe(this.#cancel(reader, reason), ignore, ignore);
    }
    /** A request that is not sent: whoever produces its body learns why. */
    discard(body, reason) {
      if (body === null || this.#sdk.web.isUsed(body)) return;
      this.#drop(this.#getReader(body.stream), reason);
    }
  };

  // ../../plugins/fetch/guest/data_url.ts
  var TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
  var QUOTABLE = /^[\t\x20-\x7e\x80-\xff]*$/;
  var BASE64 = /; *base64$/i;
  var WHITE = /^[\t\n\f\r ]*(.*?)[\t\n\f\r ]*$/s;
  function readDataURL(p2, atob, url) {
    const comma = p2.stringIndexOf(url, ",");
    if (comma < 0) return void 0;
    let mime = trim(p2, p2.stringSlice(url, 5, comma));
    let body = percentDecode(p2, p2.stringSlice(url, comma + 1));
    const marker = p2.regExpExec(BASE64, mime);
    if (marker !== null) {
      try {
        body = atob(body);
      } catch {
        return void 0;
      }
      mime = p2.stringSlice(mime, 0, marker.index);
    }
    if (p2.stringStartsWith(mime, ";")) mime = `text/plain${mime}`;
    return { type: parseMime(p2, mime) ?? "text/plain;charset=US-ASCII", bytes: bytesOf(p2, body) };
  }
  var matches = (p2, pattern, text) => p2.regExpExec(pattern, text) !== null;
  var trim = (p2, text) => p2.regExpExec(WHITE, text)[1];
  function bytesOf(p2, text) {
    const bytes = new p2.Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = p2.stringCharCodeAt(text, i);
    return bytes;
  }
  function percentDecode(p2, text) {
    let result = "";
    let start = 0;
    for (let at = p2.stringIndexOf(text, "%"); at >= 0; at = p2.stringIndexOf(text, "%", at + 1)) {
      const value = hex(p2, text, at + 1) * 16 + hex(p2, text, at + 2);
      if (value !== value) continue;
      result += p2.stringSlice(text, start, at) + p2.fromCharCode(value);
      start = at + 3;
      at += 2;
    }
    return result + p2.stringSlice(text, start);
  }
  function hex(p2, text, at) {
    const code = at < text.length ? p2.stringCharCodeAt(text, at) : 0;
    if (code >= 48 && code <= 57) return code - 48;
    const letter = code | 32;
    return letter >= 97 && letter <= 102 ? letter - 87 : 0 / 0;
  }
  function parseMime(p2, text) {
    const slash = p2.stringIndexOf(text, "/");
    const semicolon = p2.stringIndexOf(text, ";");
    const end = semicolon < 0 ? text.length : semicolon;
    if (slash < 0 || slash > end) return void 0;
    const type = p2.stringSlice(text, 0, slash);
    const subtype = trim(p2, `.${p2.stringSlice(text, slash + 1, end)}`);
    const name = p2.stringSlice(subtype, 1);
    if (!matches(p2, TOKEN, type) || !matches(p2, TOKEN, name)) return void 0;
    return p2.stringToLowerCase(`${type}/${name}`) + parameters(p2, text, end);
  }
  function parameters(p2, text, start) {
    const seen = { __proto__: null };
    let out = "";
    let at = start;
    while (at < text.length) {
      const item = readParameter(p2, text, at + 1);
      at = item.end;
      if (item.value === void 0 || !matches(p2, TOKEN, item.name) || !matches(p2, QUOTABLE, item.value)) continue;
      if (p2.hasOwn(seen, item.name)) continue;
      p2.define(seen, item.name, true);
      out += `;${item.name}=${matches(p2, TOKEN, item.value) ? item.value : quote(item.value)}`;
    }
    return out;
  }
  function readParameter(p2, text, start) {
    let at = start;
    while (at < text.length && isWhite(p2.stringCharCodeAt(text, at))) at++;
    const semicolon = indexFrom(p2, text, ";", at);
    const equals = indexFrom(p2, text, "=", at);
    const name = p2.stringToLowerCase(p2.stringSlice(text, at, equals < semicolon ? equals : semicolon));
    if (equals >= semicolon) return { name, value: void 0, end: semicolon };
    if (text[equals + 1] === '"') {
      const quoted = readQuoted(text, equals + 2);
      return { name, value: quoted.value, end: indexFrom(p2, text, ";", quoted.end) };
    }
    const value = p2.stringSlice(trim(p2, `.${p2.stringSlice(text, equals + 1, semicolon)}`), 1);
    return { name, value: value === "" ? void 0 : value, end: semicolon };
  }
  var isWhite = (code) => code === 32 || code === 9 || code === 10 || code === 13;
  function indexFrom(p2, text, part, at) {
    const found = p2.stringIndexOf(text, part, at);
    return found < 0 ? text.length : found;
  }
  function readQuoted(text, start) {
    let value = "";
    let at = start;
    while (at < text.length && text[at] !== '"') {
      if (text[at] === "\\" && at + 1 < text.length) at++;
      value += text[at];
      at++;
    }
    return { value, end: at };
  }
  function quote(value) {
    let out = "";
    for (let i = 0; i < value.length; i++) out += value[i] === '"' || value[i] === "\\" ? `\\${value[i]}` : value[i];
    return `"${out}"`;
  }

  // node_modules/eventsource-parser/dist/errors.js
  var ParseError = class extends Error {
    constructor(message, options) {
      super(message);
      this.name = "ParseError";
      this.type = options.type;
      this.field = options.field;
      this.value = options.value;
      this.line = options.line;
    }
  };

  // node_modules/eventsource-parser/dist/parse.js
  var LF = 10;
  var CR = 13;
  var SPACE = 32;
  var MAX_FIELD_PREFIX_LENGTH = 6;
  function createParser(config) {
    if (typeof config === "function") {
      throw new TypeError("`config` must be an object, got a function instead. Did you mean `createParser({onEvent: fn})`?");
    }
    const { maxBufferSize, onComment, onError, onEvent, onId, onRetry } = config;
    const pendingFragments = [];
    let pendingFragmentsLength = 0;
    let bomPrefix = "";
    let id;
    let data = "";
    let dataLines = 0;
    let eventType;
    let terminated = false;
    let skippingLine = false;
    let skipNextLineFeed = false;
    function feed(chunk) {
      if (terminated) {
        throw new Error("Cannot feed parser: it was terminated after exceeding the configured max buffer size. Call `reset()` to resume parsing.");
      }
      if (bomPrefix !== void 0) {
        chunk = bomPrefix + chunk;
        if (chunk === "" || chunk === "ï" || chunk === "ï»") {
          bomPrefix = chunk;
          return;
        }
        bomPrefix = void 0;
        chunk = chunk.replace(/^(?:\uFEFF|\xEF\xBB\xBF)/, "");
      }
      if (skippingLine || skipNextLineFeed) {
        chunk = resumeAfterSkip(chunk);
        if (!chunk) {
          return;
        }
      }
      if (!pendingFragments.length) {
        const trailing = processLines(chunk);
        if (trailing !== "") {
          storeTrailing(trailing);
        }
        checkForBufferOverflow();
        return;
      }
      if (chunk.indexOf("\n") === -1 && chunk.indexOf("\r") === -1) {
        if (pendingFragmentsLength < MAX_FIELD_PREFIX_LENGTH) {
          const head = pendingFragments.join("") + chunk.slice(0, MAX_FIELD_PREFIX_LENGTH - pendingFragmentsLength);
          if (!shouldBufferTrailing(head)) {
            pendingFragments.length = 0;
            pendingFragmentsLength = 0;
            skippingLine = true;
            return;
          }
        }
        pendingFragments.push(chunk);
        pendingFragmentsLength += chunk.length;
        checkForBufferOverflow();
        return;
      }
      pendingFragments.push(chunk);
      const input = pendingFragments.join("");
      pendingFragments.length = 0;
      pendingFragmentsLength = 0;
      storeTrailing(processLines(input));
      checkForBufferOverflow();
    }
    function resumeAfterSkip(chunk) {
      if (chunk.length === 0) {
        return chunk;
      }
      if (skipNextLineFeed) {
        skipNextLineFeed = false;
        return chunk.charCodeAt(0) === LF ? chunk.slice(1) : chunk;
      }
      const crIndex = chunk.indexOf("\r");
      const lfIndex = chunk.indexOf("\n");
      const lineEnd = crIndex === -1 ? lfIndex : lfIndex === -1 ? crIndex : crIndex < lfIndex ? crIndex : lfIndex;
      if (lineEnd === -1) {
        return "";
      }
      if (lineEnd === chunk.length - 1 && chunk.charCodeAt(lineEnd) === CR) {
        skippingLine = false;
        skipNextLineFeed = true;
        return "";
      }
      skippingLine = false;
      return chunk.slice(lineEnd + (chunk.charCodeAt(lineEnd) === CR && chunk.charCodeAt(lineEnd + 1) === LF ? 2 : 1));
    }
    function storeTrailing(trailing) {
      if (!trailing)
        return;
      if (trailing.charCodeAt(trailing.length - 1) === CR) {
        parseLine(trailing, 0, trailing.length - 1);
        if (checkForBufferOverflow())
          return;
        skipNextLineFeed = true;
        return;
      }
      if (shouldBufferTrailing(trailing)) {
        pendingFragments.push(trailing);
        pendingFragmentsLength = trailing.length;
        return;
      }
      skippingLine = true;
    }
    function shouldBufferTrailing(trailing) {
      const firstCharCode = trailing.charCodeAt(0);
      return firstCharCode === 58 && !!onComment || firstCharCode === 100 && isPotentialField(trailing, "data") || firstCharCode === 101 && isPotentialField(trailing, "event") || firstCharCode === 105 && isPotentialField(trailing, "id") || firstCharCode === 114 && isPotentialField(trailing, "retry");
    }
    function checkForBufferOverflow() {
      if (terminated)
        return true;
      if (maxBufferSize === void 0)
        return false;
      if (pendingFragmentsLength + data.length <= maxBufferSize)
        return false;
      terminated = true;
      pendingFragments.length = 0;
      pendingFragmentsLength = 0;
      id = void 0;
      data = "";
      dataLines = 0;
      eventType = void 0;
      skippingLine = false;
      skipNextLineFeed = false;
      onError === null || onError === void 0 ? void 0 : onError(new ParseError(`Buffered data exceeded max buffer size of ${maxBufferSize} characters`, {
        type: "max-buffer-size-exceeded"
      }));
      return true;
    }
    function processLines(chunk) {
      let searchIndex = 0;
      if (chunk.indexOf("\r") === -1) {
        let lfIndex2 = chunk.indexOf("\n", searchIndex);
        while (lfIndex2 !== -1) {
          if (searchIndex === lfIndex2) {
            if (id !== void 0) {
              onId === null || onId === void 0 ? void 0 : onId(id);
            }
            if (dataLines > 0) {
              onEvent === null || onEvent === void 0 ? void 0 : onEvent({ id, event: eventType, data });
            }
            id = void 0;
            data = "";
            dataLines = 0;
            eventType = void 0;
            searchIndex = lfIndex2 + 1;
            lfIndex2 = chunk.indexOf("\n", searchIndex);
            continue;
          }
          const firstCharCode = chunk.charCodeAt(searchIndex);
          if (isDataPrefix(chunk, searchIndex, firstCharCode)) {
            const valueStart = chunk.charCodeAt(searchIndex + 5) === SPACE ? searchIndex + 6 : searchIndex + 5;
            const value = chunk.slice(valueStart, lfIndex2);
            if (dataLines === 0 && chunk.charCodeAt(lfIndex2 + 1) === LF) {
              if (id !== void 0) {
                onId === null || onId === void 0 ? void 0 : onId(id);
              }
              onEvent === null || onEvent === void 0 ? void 0 : onEvent({ id, event: eventType, data: value });
              id = void 0;
              data = "";
              eventType = void 0;
              searchIndex = lfIndex2 + 2;
              lfIndex2 = chunk.indexOf("\n", searchIndex);
              continue;
            }
            data = dataLines === 0 ? value : `${data}
${value}`;
            dataLines++;
          } else if (isEventPrefix(chunk, searchIndex, firstCharCode)) {
            eventType = chunk.slice(chunk.charCodeAt(searchIndex + 6) === SPACE ? searchIndex + 7 : searchIndex + 6, lfIndex2) || void 0;
          } else {
            parseLine(chunk, searchIndex, lfIndex2);
          }
          if (checkForBufferOverflow())
            return "";
          searchIndex = lfIndex2 + 1;
          lfIndex2 = chunk.indexOf("\n", searchIndex);
        }
        return chunk.slice(searchIndex);
      }
      let crIndex = chunk.indexOf("\r", searchIndex);
      let lfIndex = chunk.indexOf("\n", searchIndex);
      while (searchIndex < chunk.length) {
        let lineEnd = -1;
        if (crIndex !== -1 && lfIndex !== -1) {
          lineEnd = crIndex < lfIndex ? crIndex : lfIndex;
        } else if (crIndex !== -1) {
          if (crIndex === chunk.length - 1) {
            lineEnd = -1;
          } else {
            lineEnd = crIndex;
          }
        } else if (lfIndex !== -1) {
          lineEnd = lfIndex;
        }
        if (lineEnd === -1) {
          break;
        }
        parseLine(chunk, searchIndex, lineEnd);
        if (checkForBufferOverflow())
          return "";
        searchIndex = lineEnd + 1;
        if (chunk.charCodeAt(searchIndex - 1) === CR && chunk.charCodeAt(searchIndex) === LF) {
          searchIndex++;
        }
        if (crIndex !== -1 && crIndex < searchIndex) {
          crIndex = chunk.indexOf("\r", searchIndex);
        }
        if (lfIndex !== -1 && lfIndex < searchIndex) {
          lfIndex = chunk.indexOf("\n", searchIndex);
        }
      }
      return chunk.slice(searchIndex);
    }
    function parseLine(chunk, start, end) {
      if (start === end) {
        dispatchEvent();
        return;
      }
      const firstCharCode = chunk.charCodeAt(start);
      if (isDataPrefix(chunk, start, firstCharCode)) {
        const valueStart = chunk.charCodeAt(start + 5) === SPACE ? start + 6 : start + 5;
        const value2 = chunk.slice(valueStart, end);
        data = dataLines === 0 ? value2 : `${data}
${value2}`;
        dataLines++;
        return;
      }
      if (isEventPrefix(chunk, start, firstCharCode)) {
        eventType = chunk.slice(chunk.charCodeAt(start + 6) === SPACE ? start + 7 : start + 6, end) || void 0;
        return;
      }
      if (firstCharCode === 105 && chunk.charCodeAt(start + 1) === 100 && chunk.charCodeAt(start + 2) === 58) {
        const value2 = chunk.slice(chunk.charCodeAt(start + 3) === SPACE ? start + 4 : start + 3, end);
        if (!value2.includes("\0"))
          id = value2;
        return;
      }
      if (firstCharCode === 58) {
        if (onComment) {
          const line2 = chunk.slice(start, end);
          onComment(line2.slice(chunk.charCodeAt(start + 1) === SPACE ? 2 : 1));
        }
        return;
      }
      const line = chunk.slice(start, end);
      const fieldSeparatorIndex = line.indexOf(":");
      if (fieldSeparatorIndex === -1) {
        processField(line, "", line);
        return;
      }
      const field = line.slice(0, fieldSeparatorIndex);
      const offset = line.charCodeAt(fieldSeparatorIndex + 1) === SPACE ? 2 : 1;
      const value = line.slice(fieldSeparatorIndex + offset);
      processField(field, value, line);
    }
    function processField(field, value, line) {
      switch (field) {
        case "event":
          eventType = value || void 0;
          break;
        case "data":
          data = dataLines === 0 ? value : `${data}
${value}`;
          dataLines++;
          break;
        case "id":
          if (!value.includes("\0"))
            id = value;
          break;
        case "retry":
          if (/^\d+$/.test(value)) {
            onRetry === null || onRetry === void 0 ? void 0 : onRetry(parseInt(value, 10));
          } else {
            onError === null || onError === void 0 ? void 0 : onError(new ParseError(`Invalid \`retry\` value: "${value}"`, {
              type: "invalid-retry",
              value,
              line
            }));
          }
          break;
        default:
          onError === null || onError === void 0 ? void 0 : onError(new ParseError(`Unknown field "${field.length > 20 ? `${field.slice(0, 20)}…` : field}"`, { type: "unknown-field", field, value, line }));
          break;
      }
    }
    function dispatchEvent() {
      if (id !== void 0) {
        onId === null || onId === void 0 ? void 0 : onId(id);
      }
      if (dataLines > 0) {
        onEvent === null || onEvent === void 0 ? void 0 : onEvent({
          id,
          event: eventType,
          data
        });
      }
      id = void 0;
      data = "";
      dataLines = 0;
      eventType = void 0;
    }
    function reset(options = {}) {
      if (options.consume && pendingFragments.length > 0) {
        const incompleteLine = pendingFragments.join("");
        parseLine(incompleteLine, 0, incompleteLine.length);
      }
      bomPrefix = "";
      id = void 0;
      data = "";
      dataLines = 0;
      eventType = void 0;
      pendingFragments.length = 0;
      pendingFragmentsLength = 0;
      terminated = false;
      skippingLine = false;
      skipNextLineFeed = false;
    }
    return { feed, reset };
  }
  function isDataPrefix(chunk, i, firstCharCode) {
    return firstCharCode === 100 && chunk.charCodeAt(i + 1) === 97 && chunk.charCodeAt(i + 2) === 116 && chunk.charCodeAt(i + 3) === 97 && chunk.charCodeAt(i + 4) === 58;
  }
  function isEventPrefix(chunk, i, firstCharCode) {
    return firstCharCode === 101 && chunk.charCodeAt(i + 1) === 118 && chunk.charCodeAt(i + 2) === 101 && chunk.charCodeAt(i + 3) === 110 && chunk.charCodeAt(i + 4) === 116 && chunk.charCodeAt(i + 5) === 58;
  }
  function isPotentialField(line, field) {
    let i = 1;
    while (i < line.length && i < field.length) {
      if (line.charCodeAt(i) !== field.charCodeAt(i)) {
        return false;
      }
      i++;
    }
    return line.length <= field.length || line.charCodeAt(field.length) === 58;
  }

  // ../../plugins/fetch/guest/failures.ts
  var Failures = class {
    isAborted;
    reasonOf;
    #sdk;
    constructor(sdk2) {
      const { getter } = sdk2.primordials;
      const { prototype } = globalThis.AbortSignal;
      this.isAborted = getter(prototype, "aborted");
      this.reasonOf = getter(prototype, "reason");
      this.#sdk = sdk2;
    }
    /** Why fetch() rejects. */
    failed(error, signal) {
      return this.isAborted(signal) ? this.reasonOf(signal) : this.#typeError("fetch failed", error);
    }
    /** Why a body ends early. */
    terminated(error, signal) {
      return this.isAborted(signal) ? this.reasonOf(signal) : this.#typeError("terminated", error);
    }
    /** For what fails without the host. */
    refused(message) {
      return new this.#sdk.primordials.TypeError(`fetch failed: ${message}`);
    }
    #typeError(prefix, cause) {
      const { define, hasOwn, stringIndexOf, stringSlice, TypeError: TypeError2 } = this.#sdk.primordials;
      if (typeof cause !== "object" || cause === null) return cause;
      const { message, stack } = cause;
      const error = new TypeError2(typeof message === "string" && message !== "" ? `${prefix}: ${message}` : prefix);
      define(error, "cause", cause);
      const frames = typeof stack === "string" ? stringIndexOf(stack, "\n    at ") : -1;
      define(error, "stack", `TypeError: ${error.message}${frames < 0 ? "" : stringSlice(stack, frames)}`);
      if (hasOwn(cause, "code")) define(error, "code", cause.code, 7);
      if (hasOwn(cause, "isolateHost")) define(error, "isolateHost", cause.isolateHost, 7);
      return error;
    }
  };

  // ../../plugins/fetch/guest/platform.ts
  var sdk;
  var p;
  var web;
  var failures;
  var globals = globalThis;
  var { setTimeout } = globals;
  var { btoa, EventTarget, TextDecoder } = globals;
  var signalOf;
  var abortOf;
  var urlHref;
  var urlOrigin;
  function lend(given) {
    sdk = given;
    p = given.primordials;
    web = given.web;
    failures = new Failures(given);
    const { prototype } = globals.AbortController;
    signalOf = p.getter(prototype, "signal");
    abortOf = p.uncurry(prototype.abort);
    live = new p.Map();
    sdk.onReset(endAll);
    urlHref = p.getter(web.URL.prototype, "href");
    urlOrigin = p.getter(web.URL.prototype, "origin");
  }
  function abortable() {
    const controller = new globals.AbortController();
    return { signal: signalOf(controller), abort: () => abortOf(controller) };
  }
  function fail(name, message) {
    throw new web.DOMException(message, name);
  }
  var live;
  function track(connection, end) {
    p.mapSet(live, connection, end);
  }
  function untrack(connection) {
    p.mapDelete(live, connection);
  }
  function endAll() {
    p.mapForEach(live, (end) => end());
    p.mapClear(live);
  }
  function parseURL(text, where) {
    let url;
    try {
      url = new web.URL(text);
    } catch {
      fail("SyntaxError", `${where}: the URL '${text}' is invalid.`);
    }
    return { href: urlHref(url), origin: urlOrigin(url) };
  }
  function later(run) {
    if (sdk.abandoned()) run();
    else setTimeout(run, 0);
  }
  function after(milliseconds, run) {
    setTimeout(run, milliseconds);
  }
  function errorEvent(error) {
    if (error === void 0) return new web.Event("error");
    const message = error?.message;
    return new globals.ErrorEvent("error", { __proto__: null, message: typeof message === "string" ? message : "", error });
  }

  // ../../plugins/fetch/guest/event_source.ts
  var CONNECTING = 0;
  var OPEN = 1;
  var CLOSED = 2;
  var RETRY_MS = 3e3;
  var LONGEST = 16 * 1024 * 1024;
  var FETCHED = /^https?:/;
  var MIME = /^[\t\n\r ]*text\/event-stream[\t\n\r ]*(?:;|$)/i;
  var getReader;
  var read;
  var cancel;
  var decode;
  var EventSource = class extends EventTarget {
    #url;
    #withCredentials;
    #state = CONNECTING;
    #retry = RETRY_MS;
    #lastEventId = "";
    #origin;
    #connection = abortable();
    #reader;
    constructor(url, init = void 0) {
      if (arguments.length === 0) throw new p.TypeError("EventSource constructor: 1 argument required, but only 0 present.");
      super();
      const target = parseURL(p.stringToWellFormed(`${url}`), "EventSource");
      this.#url = target.href;
      this.#origin = target.origin;
      this.#withCredentials = !!init?.withCredentials;
      track(this, () => {
        this.#state = CLOSED;
      });
      this.#connect();
    }
    get url() {
      return this.#url;
    }
    get withCredentials() {
      return this.#withCredentials;
    }
    get readyState() {
      return this.#state;
    }
    close() {
      this.#state = CLOSED;
      untrack(this);
      this.#disconnect();
    }
    /** Whatever is under way: the request, or the body of its answer. */
    #disconnect() {
      this.#connection.abort();
      const ignore = () => {
      };
      if (this.#reader !== void 0) p.subscribe(cancel(this.#reader, void 0), ignore, ignore);
      this.#reader = void 0;
    }
    #connect() {
      const headers = [
        ["accept", "text/event-stream"],
        ["cache-control", "no-store"]
      ];
      if (this.#lastEventId !== "") p.define(headers, 2, ["last-event-id", byteString(this.#lastEventId)], 7);
      if (p.regExpExec(FETCHED, this.#url) === null)
        return this.#fail(new p.TypeError("EventSource: the URL must be http: or https:"));
      const hash = p.stringIndexOf(this.#url, "#");
      const url = hash < 0 ? this.#url : p.stringSlice(this.#url, 0, hash);
      const request = { method: "GET", url, headers, redirect: "follow", body: null };
      const { signal } = this.#connection;
      p.subscribe(
        sdk.callArray("fetch", [request], { signal }),
        (reply) => this.#answered(reply),
        (error) => this.#broken(error)
      );
    }
    #answered(reply) {
      const { body } = reply;
      this.#reader = body === null || p.typedArrayKind(body) !== void 0 ? void 0 : getReader(body);
      if (this.#state === CLOSED) return this.#disconnect();
      const problem = unfit(reply);
      if (problem !== void 0) {
        this.#disconnect();
        return this.#fail(new p.TypeError(`EventSource: ${problem}`));
      }
      this.#origin = parseURL(reply.url, "EventSource").origin;
      later(() => {
        if (this.#state === CLOSED) return;
        this.#state = OPEN;
        web.fire(this, new web.Event("open"));
        this.#stream(reply.body);
      });
    }
    #stream(body) {
      const parser = createParser({
        __proto__: null,
        onEvent: (event) => this.#event(event),
        onId: (id) => {
          this.#lastEventId = id;
        },
        onRetry: (milliseconds) => {
          this.#retry = milliseconds;
        },
        onError: (error) => {
          if (error.type === "max-buffer-size-exceeded") this.#lost(new p.RangeError("EventSource: the event is too long"));
        },
        maxBufferSize: LONGEST
      });
      const decoder = new TextDecoder();
      if (this.#reader !== void 0) return this.#pull(this.#reader, decoder, parser);
      if (body !== null) this.#feed(decoder, parser, body);
      this.#lost();
    }
    /** The next piece is asked for when the events of this one were seen. */
    #pull(reader, decoder, parser) {
      const arrived = (result) => {
        const { done, value } = result;
        if (done || !this.#feed(decoder, parser, value)) return this.#lost();
        later(() => this.#pull(reader, decoder, parser));
      };
      if (this.#state !== CLOSED) p.subscribe(read(reader), arrived, () => this.#lost());
    }
    #feed(decoder, parser, bytes) {
      try {
        parser.feed(decode(decoder, bytes, { __proto__: null, stream: true }));
        return true;
      } catch {
        return false;
      }
    }
    #event(event) {
      const { data, event: type = "message" } = event;
      const init = { __proto__: null, data, origin: this.#origin, lastEventId: this.#lastEventId };
      later(() => {
        if (this.#state !== CLOSED) web.fire(this, new web.MessageEvent(type, init));
      });
    }
    /** A request that failed: a refusal stays one, anything else may pass. */
    #broken(error) {
      if (this.#state === CLOSED || failures.isAborted(this.#connection.signal)) return;
      const code = p.hasOwn(error, "code") ? error.code : void 0;
      if (code === "policy-denied") this.#fail(error);
      else this.#lost(error);
    }
    #fail(error) {
      later(() => {
        if (this.#state === CLOSED) return;
        this.#state = CLOSED;
        untrack(this);
        web.fire(this, errorEvent(error));
      });
    }
    /** Try again, a little later. */
    #lost(error = void 0) {
      this.#disconnect();
      if (sdk.abandoned()) return this.#fail(error);
      later(() => {
        if (this.#state === CLOSED) return;
        this.#state = CONNECTING;
        this.#connection = abortable();
        web.fire(this, errorEvent(error));
        after(this.#retry, () => {
          if (this.#state === CONNECTING) this.#connect();
        });
      });
    }
  };
  function unfit(reply) {
    if (reply.status !== 200) return `the server answered ${reply.status}`;
    const { headers } = reply;
    let type = "";
    for (let i = 0; i < headers.length; i++) {
      const pair = headers[i];
      if (p.stringToLowerCase(pair[0]) === "content-type") type = pair[1];
    }
    return p.regExpExec(MIME, type) === null ? "the answer is no text/event-stream" : void 0;
  }
  function byteString(text) {
    const bytes = web.utf8Encode(p.stringToWellFormed(text));
    let result = "";
    for (let i = 0; i < bytes.length; i++) result += p.fromCharCode(bytes[i]);
    return result;
  }
  function installEventSource() {
    getReader = p.uncurry(web.ReadableStream.prototype.getReader);
    const reader = getReader(new web.ReadableStream());
    read = p.uncurry(reader.read);
    cancel = p.uncurry(reader.cancel);
    decode = p.uncurry(TextDecoder.prototype.decode);
    const states = { __proto__: null, CONNECTING, OPEN, CLOSED };
    sdk.exposeInterface(EventSource, "EventSource", states);
    web.handlerAttribute(EventSource.prototype, "open");
    web.handlerAttribute(EventSource.prototype, "message");
    web.handlerAttribute(EventSource.prototype, "error");
  }

  // ../../plugins/fetch/guest/integrity.ts
  var HASHES = ["SHA-256", "SHA-384", "SHA-512"];
  var ITEM = /[^\t\n\f\r ]+/g;
  var METADATA = /^sha(256|384|512)-([A-Za-z0-9+/_-]+)={0,2}(?:\?[\x21-\x7e]*)?$/i;
  function parse(text) {
    let found = [];
    let strongest = -1;
    ITEM.lastIndex = 0;
    for (let item = p.regExpExec(ITEM, text); item !== null; item = p.regExpExec(ITEM, text)) {
      const match = p.regExpExec(METADATA, item[0]);
      if (match === null) continue;
      const strength = match[1] === "256" ? 0 : match[1] === "384" ? 1 : 2;
      if (strength < strongest) continue;
      if (strength > strongest) found = [];
      strongest = strength;
      p.define(found, found.length, { strength, digest: standard(match[2]) }, 7);
    }
    return found;
  }
  function standard(text) {
    let result = "";
    for (let i = 0; i < text.length; i++) result += text[i] === "-" ? "+" : text[i] === "_" ? "/" : text[i];
    return result;
  }
  function digestOf(bytes, hash) {
    const place = `"buffer":0,"offset":${p.typedArrayOffset(bytes)},"size":${p.typedArrayByteLength(bytes)}`;
    const digest = sdk.compute(`{"op":"digest","hash":"${hash}",${place}}`, p.typedArrayBuffer(bytes));
    if (digest === void 0 || typeof digest === "string") throw new p.TypeError("fetch failed: the integrity cannot be computed");
    const raw = new p.Uint8Array(digest);
    let text = "";
    for (let i = 0; i < raw.length; i++) text += p.fromCharCode(raw[i]);
    const base64 = btoa(text);
    const padding = p.stringIndexOf(base64, "=");
    return padding < 0 ? base64 : p.stringSlice(base64, 0, padding);
  }
  function asksForIntegrity(integrity) {
    return integrity !== "" && parse(integrity).length > 0;
  }
  function hasIntegrity(bytes, integrity) {
    const wanted = parse(integrity);
    for (let i = 0; i < wanted.length; i++) {
      const { strength, digest } = wanted[i];
      if (digestOf(bytes, HASHES[strength]) === digest) return true;
    }
    return wanted.length === 0;
  }

  // ../../plugins/fetch/guest/socket_data.ts
  function payloadOf(data) {
    const bytes = bytesOf2(data);
    if (bytes !== void 0) return { data: bytes, size: p.typedArrayByteLength(bytes) };
    const text = p.stringToWellFormed(`${data}`);
    return { data: text, size: p.typedArrayByteLength(web.utf8Encode(text)) };
  }
  function bytesOf2(data) {
    if (typeof data !== "object" || data === null) return void 0;
    const { isPrototypeOf } = p;
    if (p.typedArrayKind(data) !== void 0) {
      return copy(p.typedArrayBuffer(data), p.typedArrayOffset(data), p.typedArrayByteLength(data));
    }
    if (isPrototypeOf(web.Blob.prototype, data)) return web.blobBytes(data);
    const size = bufferSize(data);
    if (size !== void 0) return copy(data, 0, size);
    try {
      return copy(p.dataViewBuffer(data), p.dataViewOffset(data), p.dataViewByteLength(data));
    } catch {
      return void 0;
    }
  }
  function bufferSize(data) {
    try {
      return p.arrayBufferByteLength(data);
    } catch {
      return void 0;
    }
  }
  function copy(buffer, offset, size) {
    const bytes = new p.Uint8Array(size);
    p.typedArraySet(bytes, new p.Uint8Array(buffer, offset, size));
    return bytes;
  }
  function bytesOfMessage(bytes, type) {
    const size = p.typedArrayByteLength(bytes);
    const buffer = p.typedArrayBuffer(bytes);
    const exact = p.arrayBufferByteLength(buffer) === size ? buffer : p.typedArrayBuffer(copy(buffer, p.typedArrayOffset(bytes), size));
    return type === "arraybuffer" ? exact : new web.Blob(one(exact));
  }
  function one(value) {
    let given = false;
    const next = () => {
      const result = { __proto__: null, done: given, value: given ? void 0 : value };
      given = true;
      return result;
    };
    return { __proto__: null, [p.iteratorSymbol]: () => ({ __proto__: null, next }) };
  }

  // ../../plugins/fetch/guest/websocket.ts
  var CONNECTING2 = 0;
  var OPEN2 = 1;
  var CLOSING = 2;
  var CLOSED2 = 3;
  var BATCH_BYTES = 256 * 1024;
  var BATCH = 64;
  function closeCode(code) {
    if (code === void 0) return null;
    let number = +code;
    number = number !== number ? 0 : p.min(65535, p.max(0, number));
    const low = p.floor(number);
    const rest = number - low;
    number = rest > 0.5 || rest === 0.5 && low % 2 === 1 ? low + 1 : low;
    if (number === 1e3 || number >= 3e3 && number <= 4999) return number;
    return fail("InvalidAccessError", "WebSocket.close: the code must be 1000 or from 3000 to 4999.");
  }
  var TOKEN2 = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
  function protocolsOf(value) {
    const found = [];
    const add = (item) => {
      const name = `${item}`;
      let known = p.regExpExec(TOKEN2, name) === null;
      const lower = p.stringToLowerCase(name);
      for (let i = 0; i < found.length; i++) if (p.stringToLowerCase(found[i]) === lower) known = true;
      if (known) fail("SyntaxError", `WebSocket: the subprotocol '${name}' is invalid or given twice.`);
      p.define(found, found.length, name, 7);
    };
    const isSequence = (typeof value === "object" || typeof value === "function") && value !== null && value[p.iteratorSymbol] !== void 0;
    if (!isSequence) add(value);
    else for (const item of value) add(item);
    return found;
  }
  function socketURL(text) {
    const url = parseURL(text, "WebSocket");
    let { href } = url;
    if (p.stringStartsWith(href, "http:")) href = `ws:${p.stringSlice(href, 5)}`;
    else if (p.stringStartsWith(href, "https:")) href = `wss:${p.stringSlice(href, 6)}`;
    const isSocket = p.stringStartsWith(href, "ws:") || p.stringStartsWith(href, "wss:");
    if (!isSocket) fail("SyntaxError", "WebSocket: the URL's scheme must be ws, wss, http or https.");
    if (p.stringIndexOf(href, "#") >= 0) fail("SyntaxError", "WebSocket: the URL must not have a fragment.");
    return href === url.href ? url : parseURL(href, "WebSocket");
  }
  var WebSocket = class extends EventTarget {
    #url;
    #origin;
    #state = CONNECTING2;
    #protocol = "";
    #extensions = "";
    #binaryType = "blob";
    #buffered = 0;
    #id = 0;
    #waiting = [];
    #sending = false;
    /** What `close()` asked for, once everything before it was sent. */
    #goodbye;
    #handshake = abortable();
    constructor(url, protocols = void 0) {
      if (arguments.length === 0) throw new p.TypeError("WebSocket constructor: 1 argument required, but only 0 present.");
      super();
      const { href, origin } = socketURL(p.stringToWellFormed(`${url}`));
      this.#url = href;
      this.#origin = origin;
      const wanted = protocols === void 0 ? [] : protocolsOf(protocols);
      track(this, () => {
        this.#state = CLOSED2;
        this.#waiting = [];
      });
      const opened = sdk.callArray("connect", [href, wanted], { signal: this.#handshake.signal });
      p.subscribe(
        opened,
        (value) => this.#opened(value),
        (error) => this.#failed(error)
      );
    }
    get url() {
      return this.#url;
    }
    get readyState() {
      return this.#state;
    }
    get bufferedAmount() {
      return this.#buffered;
    }
    get extensions() {
      return this.#extensions;
    }
    get protocol() {
      return this.#protocol;
    }
    close(code = void 0, reason = void 0) {
      const number = closeCode(code);
      const text = reason === void 0 ? "" : p.stringToWellFormed(`${reason}`);
      if (p.typedArrayByteLength(web.utf8Encode(text)) > 123) {
        fail("SyntaxError", "WebSocket.close: the reason must not have more than 123 bytes.");
      }
      if (this.#state >= CLOSING) return;
      const connecting = this.#state === CONNECTING2;
      this.#state = CLOSING;
      if (connecting) return this.#handshake.abort();
      this.#goodbye = { code: number ?? (text === "" ? null : 1e3), reason: text };
      this.#flush();
    }
    get binaryType() {
      return this.#binaryType;
    }
    set binaryType(value) {
      const type = `${value}`;
      if (type === "blob" || type === "arraybuffer") this.#binaryType = type;
    }
    send(data) {
      const state = this.#state;
      if (arguments.length === 0) throw new p.TypeError("WebSocket.send: 1 argument required, but only 0 present.");
      const message = payloadOf(data);
      if (state === CONNECTING2) fail("InvalidStateError", "WebSocket.send: the connection is still being opened.");
      this.#buffered += message.size;
      if (state !== OPEN2) return;
      p.define(this.#waiting, this.#waiting.length, message, 7);
      this.#flush();
    }
    // ── to the host ────────────────────────────────────────────────────────────────────────────────────────────────
    /** One call at a time: what is sent meanwhile goes with the next one. */
    #flush() {
      if (this.#sending || this.#state === CLOSED2) return;
      const taken = this.#take();
      if (taken.bytes < 0) {
        if (this.#goodbye !== void 0) this.#close(this.#goodbye);
        return;
      }
      this.#sending = true;
      const sent = () => {
        this.#sending = false;
        this.#buffered -= taken.bytes;
        this.#flush();
      };
      p.subscribe(sdk.callArray("send", [this.#id, taken.messages]), sent, (error) => {
        this.#sending = false;
        this.#failed(error);
      });
    }
    /** The next messages, as many as one call carries; negative bytes when there are none. */
    #take() {
      const waiting = this.#waiting;
      const messages = [];
      let bytes = waiting.length === 0 ? -1 : 0;
      while (messages.length < waiting.length && messages.length < BATCH && bytes < BATCH_BYTES) {
        const message = waiting[messages.length];
        p.define(messages, messages.length, message.data, 7);
        bytes += message.size;
      }
      const rest = [];
      for (let i = messages.length; i < waiting.length; i++) p.define(rest, rest.length, waiting[i], 7);
      this.#waiting = rest;
      return { messages, bytes };
    }
    #close(goodbye) {
      this.#goodbye = void 0;
      const asked = sdk.callArray("close", [this.#id, goodbye.code, goodbye.reason]);
      p.subscribe(
        asked,
        () => {
        },
        (error) => this.#failed(error)
      );
    }
    // ── from the host ──────────────────────────────────────────────────────────────────────────────────────────────
    #opened(opened) {
      this.#id = opened.id;
      later(() => {
        if (this.#state === CONNECTING2) {
          this.#state = OPEN2;
          this.#protocol = opened.protocol;
          this.#extensions = opened.extensions;
          web.fire(this, new web.Event("open"));
        } else if (this.#state === CLOSING) {
          this.#close({ code: null, reason: "" });
        }
        this.#receive();
      });
    }
    #receive() {
      p.subscribe(
        sdk.callArray("receive", [this.#id]),
        (value) => {
          const { messages, end } = value;
          for (let i = 0; i < messages.length; i++) later(() => this.#message(messages[i]));
          later(() => end === null ? this.#receive() : this.#ended(end));
        },
        (error) => this.#failed(error)
      );
    }
    #message(data) {
      if (this.#state !== OPEN2) return;
      const value = typeof data === "string" ? data : bytesOfMessage(data, this.#binaryType);
      web.fire(this, new web.MessageEvent("message", { __proto__: null, data: value, origin: this.#origin }));
    }
    #ended(end) {
      if (end.error !== null && this.#state !== CLOSED2) {
        const error = new p.Error(`WebSocket: ${end.error}`);
        return this.#finish(end, error);
      }
      this.#finish(end, void 0);
    }
    #failed(reason) {
      const { signal } = this.#handshake;
      const error = failures.isAborted(signal) ? new p.Error("WebSocket: it was closed before the connection was open") : reason;
      later(() => this.#finish({ code: 1006, reason: "", clean: false, error: null }, error));
    }
    #finish(end, error) {
      if (this.#state === CLOSED2) return;
      this.#state = CLOSED2;
      this.#waiting = [];
      untrack(this);
      if (error !== void 0) web.fire(this, errorEvent(error));
      const { code, reason, clean } = end;
      web.fire(this, new web.CloseEvent("close", { __proto__: null, code, reason, wasClean: clean }));
    }
  };
  function installWebSocket() {
    const states = { __proto__: null, CONNECTING: CONNECTING2, OPEN: OPEN2, CLOSING, CLOSED: CLOSED2 };
    sdk.exposeInterface(WebSocket, "WebSocket", states);
    web.handlerAttribute(WebSocket.prototype, "open");
    web.handlerAttribute(WebSocket.prototype, "error");
    web.handlerAttribute(WebSocket.prototype, "close");
    web.handlerAttribute(WebSocket.prototype, "message");
  }

  // ../../plugins/fetch/guest/index.ts
  var MISMATCH = "the body is not what integrity asks for";
  var Fetcher = class {
    #sdk;
    #bodies;
    #failures;
    #atob;
    #sizeOf;
    #streamOf;
    constructor(sdk2) {
      this.#sdk = sdk2;
      this.#bodies = new Bodies(sdk2);
      this.#failures = new Failures(sdk2);
      this.#sizeOf = sdk2.primordials.getter(sdk2.web.Blob.prototype, "size");
      this.#streamOf = sdk2.primordials.uncurry(sdk2.web.Blob.prototype.stream);
      this.#atob = globalThis.atob;
    }
    fetch(input, init, resolve, reject) {
      const { web: web2, primordials } = this.#sdk;
      const request = web2.readRequest(new web2.Request(input, init));
      const { signal } = request;
      if (this.#failures.isAborted(signal)) {
        const reason = this.#failures.reasonOf(signal);
        this.#bodies.discard(request.body, reason);
        return reject(reason);
      }
      if (request.cache === "only-if-cached") throw this.#failures.refused("there is no cache");
      const hash = primordials.stringIndexOf(request.url, "#");
      const url = hash < 0 ? request.url : primordials.stringSlice(request.url, 0, hash);
      const scheme = primordials.stringSlice(url, 0, primordials.stringIndexOf(url, ":"));
      if (scheme === "data") resolve(this.#data(url, request.integrity));
      else if (scheme === "blob") this.#blob(url, request, resolve, reject);
      else if (scheme === "http" || scheme === "https") this.#network(request, resolve, reject);
      else throw this.#failures.refused(`the scheme '${scheme}' is not supported`);
    }
    #data(url, integrity) {
      const data = readDataURL(this.#sdk.primordials, this.#atob, url);
      if (data === void 0) throw this.#failures.refused("invalid data: URL");
      return this.#local(url, data.bytes, [["content-type", data.type]], integrity);
    }
    #blob(url, { method, integrity }, resolve, failed) {
      const { blobBytes, resolveObjectURL } = this.#sdk.web;
      const blob = resolveObjectURL(url);
      if (blob === void 0 || method !== "GET")
        throw this.#failures.refused("there is no such blob: URL, or the method is not GET");
      const headers = [
        ["content-length", `${this.#sizeOf(blob)}`],
        ["content-type", blob.type]
      ];
      const bytes = blobBytes(blob);
      if (bytes !== void 0) return resolve(this.#local(url, bytes, headers, integrity));
      if (!asksForIntegrity(integrity)) return resolve(this.#response(url, blob, headers));
      const check = (whole) => {
        if (hasIntegrity(whole, integrity)) resolve(this.#response(url, whole, headers));
        else failed(this.#failures.refused(MISMATCH));
      };
      this.#bodies.whole(this.#streamOf(blob), check, failed);
    }
    #local(url, body, headers, integrity) {
      if (!hasIntegrity(body, integrity)) throw this.#failures.refused(MISMATCH);
      return this.#response(url, body, headers);
    }
    #response(url, body, headers) {
      return this.#sdk.web.makeResponse({ url, status: 200, statusText: "OK", headers, body, redirected: false, type: "basic" });
    }
    #network(request, resolve, reject) {
      const { signal } = request;
      const failed = (error) => {
        const reason = this.#failures.failed(error, signal);
        this.#bodies.discard(request.body, reason);
        reject(reason);
      };
      const send = (body) => {
        const { method, url, headers, redirect } = request;
        const message = { method, url, headers: withCacheHeaders(headers, request.cache), redirect, body };
        const reply = this.#sdk.callArray("fetch", [message], { signal });
        this.#sdk.primordials.subscribe(reply, (value) => this.#answered(value, request, resolve, failed), failed);
      };
      this.#bodies.outgoing(request.body, send, failed);
    }
    #answered(reply, request, resolve, failed) {
      const { integrity, signal } = request;
      const respond = (body) => {
        const { status, statusText, url, redirected, headers } = reply;
        resolve(this.#sdk.web.makeResponse({ url, status, statusText, headers, body, redirected, type: "basic" }));
      };
      const check = (bytes) => {
        if (bytes === null || !hasIntegrity(bytes, integrity)) failed(new p.TypeError(MISMATCH));
        else respond(bytes);
      };
      try {
        const whole = reply.body === null || this.#sdk.primordials.typedArrayKind(reply.body) !== void 0;
        const body = whole ? reply.body : this.#bodies.incoming(reply.body, signal, this.#failures);
        if (!asksForIntegrity(integrity)) respond(body);
        else if (whole) check(body);
        else this.#bodies.whole(body, check, failed);
      } catch (error) {
        failed(error);
      }
    }
  };
  function withCacheHeaders(headers, mode) {
    const value = mode === "no-cache" ? "max-age=0" : mode === "no-store" || mode === "reload" ? "no-cache" : void 0;
    if (value === void 0) return headers;
    const result = [];
    let said = false;
    for (let i = 0; i < headers.length; i++) {
      const pair = headers[i];
      if (p.stringToLowerCase(pair[0]) === "cache-control") said = true;
      p.define(result, result.length, pair, 7);
    }
    if (!said) p.define(result, result.length, ["cache-control", value], 7);
    return result;
  }
  function prepare(sdk2) {
    const { Promise: Promise2, TypeError: TypeError2 } = sdk2.primordials;
    const fetcher = new Fetcher(sdk2);
    const holder = {
      fetch(input, init = void 0) {
        const given = arguments.length;
        let resolve;
        let reject;
        const promise = new Promise2((onValue, onError) => {
          resolve = onValue;
          reject = onError;
        });
        try {
          if (given === 0) throw new TypeError2("fetch: 1 argument required, but only 0 present.");
          fetcher.fetch(input, init, resolve, reject);
        } catch (error) {
          reject(error);
        }
        return promise;
      }
    };
    sdk2.defineGlobal("fetch", holder.fetch);
    lend(sdk2);
    installWebSocket();
    installEventSource();
  }
  var capability = { prepare };
  registerCapability("fetch", capability);
})();
