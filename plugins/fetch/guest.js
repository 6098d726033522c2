"use strict";
(() => {
  // ../../plugins/fetch/guest/body.ts
  var WHOLE = 8 * 1024 * 1024;
  var Bodies = class {
    #sdk;
    #getReader;
    #read;
    #cancel;
    constructor(sdk) {
      const { uncurry } = sdk.primordials;
      const { ReadableStream } = sdk.web;
      this.#sdk = sdk;
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
      this.#gather(this.#getReader(stream), [], 0, ready, failed);
    }
    /** The rest of a stream as one piece. */
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
    incoming(stream, signal, failures) {
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
          controller.error(failures.terminated(error, signal));
          resolve();
        };
        const arrived = (result) => {
          const { done, value } = result;
          if (done) return ended();
          if (!failures.isAborted(signal)) controller.enqueue(value);
          resolve();
        };
        subscribe(this.#read(reader), arrived, failed);
      });
      const start = (controller) => {
        const abort = () => {
          controller.error(failures.reasonOf(signal));
          this.#drop(reader, void 0);
        };
        onAbort(signal, abort);
        onEnd = () => offAbort(signal, abort);
      };
      const cancel = (reason) => {
        onEnd();
        this.#drop(reader, reason);
      };
      return new ReadableStream({ __proto__: null, type: "bytes", start, pull, cancel }, { __proto__: null, highWaterMark: 0 });
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
  function readDataURL(p, atob, url) {
    const comma = p.stringIndexOf(url, ",");
    if (comma < 0) return void 0;
    let mime = trim(p, p.stringSlice(url, 5, comma));
    let body = percentDecode(p, p.stringSlice(url, comma + 1));
    const marker = p.regExpExec(BASE64, mime);
    if (marker !== null) {
      try {
        body = atob(body);
      } catch {
        return void 0;
      }
      mime = p.stringSlice(mime, 0, marker.index);
    }
    if (p.stringStartsWith(mime, ";")) mime = `text/plain${mime}`;
    return { type: parseMime(p, mime) ?? "text/plain;charset=US-ASCII", bytes: bytesOf(p, body) };
  }
  var matches = (p, pattern, text) => p.regExpExec(pattern, text) !== null;
  var trim = (p, text) => p.regExpExec(WHITE, text)[1];
  function bytesOf(p, text) {
    const bytes = new p.Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = p.stringCharCodeAt(text, i);
    return bytes;
  }
  function percentDecode(p, text) {
    let result = "";
    let start = 0;
    for (let at = p.stringIndexOf(text, "%"); at >= 0; at = p.stringIndexOf(text, "%", at + 1)) {
      const value = hex(p, text, at + 1) * 16 + hex(p, text, at + 2);
      if (value !== value) continue;
      result += p.stringSlice(text, start, at) + p.fromCharCode(value);
      start = at + 3;
      at += 2;
    }
    return result + p.stringSlice(text, start);
  }
  function hex(p, text, at) {
    const code = at < text.length ? p.stringCharCodeAt(text, at) : 0;
    if (code >= 48 && code <= 57) return code - 48;
    const letter = code | 32;
    return letter >= 97 && letter <= 102 ? letter - 87 : 0 / 0;
  }
  function parseMime(p, text) {
    const slash = p.stringIndexOf(text, "/");
    const semicolon = p.stringIndexOf(text, ";");
    const end = semicolon < 0 ? text.length : semicolon;
    if (slash < 0 || slash > end) return void 0;
    const type = p.stringSlice(text, 0, slash);
    const subtype = trim(p, `.${p.stringSlice(text, slash + 1, end)}`);
    const name = p.stringSlice(subtype, 1);
    if (!matches(p, TOKEN, type) || !matches(p, TOKEN, name)) return void 0;
    return p.stringToLowerCase(`${type}/${name}`) + parameters(p, text, end);
  }
  function parameters(p, text, start) {
    const seen = { __proto__: null };
    let out = "";
    let at = start;
    while (at < text.length) {
      const item = readParameter(p, text, at + 1);
      at = item.end;
      if (item.value === void 0 || !matches(p, TOKEN, item.name) || !matches(p, QUOTABLE, item.value)) continue;
      if (p.hasOwn(seen, item.name)) continue;
      p.define(seen, item.name, true);
      out += `;${item.name}=${matches(p, TOKEN, item.value) ? item.value : quote(item.value)}`;
    }
    return out;
  }
  function readParameter(p, text, start) {
    let at = start;
    while (at < text.length && isWhite(p.stringCharCodeAt(text, at))) at++;
    const semicolon = indexFrom(p, text, ";", at);
    const equals = indexFrom(p, text, "=", at);
    const name = p.stringToLowerCase(p.stringSlice(text, at, equals < semicolon ? equals : semicolon));
    if (equals >= semicolon) return { name, value: void 0, end: semicolon };
    if (text[equals + 1] === '"') {
      const quoted = readQuoted(text, equals + 2);
      return { name, value: quoted.value, end: indexFrom(p, text, ";", quoted.end) };
    }
    const value = p.stringSlice(trim(p, `.${p.stringSlice(text, equals + 1, semicolon)}`), 1);
    return { name, value: value === "" ? void 0 : value, end: semicolon };
  }
  var isWhite = (code) => code === 32 || code === 9 || code === 10 || code === 13;
  function indexFrom(p, text, part, at) {
    const found = p.stringIndexOf(text, part, at);
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

  // ../../plugins/fetch/guest/failures.ts
  var Failures = class {
    isAborted;
    reasonOf;
    #sdk;
    constructor(sdk) {
      const { getter } = sdk.primordials;
      const { prototype } = globalThis.AbortSignal;
      this.isAborted = getter(prototype, "aborted");
      this.reasonOf = getter(prototype, "reason");
      this.#sdk = sdk;
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
      const { define, hasOwn, stringIndexOf, stringSlice, TypeError } = this.#sdk.primordials;
      if (typeof cause !== "object" || cause === null) return cause;
      const { message, stack } = cause;
      const error = new TypeError(typeof message === "string" && message !== "" ? `${prefix}: ${message}` : prefix);
      define(error, "cause", cause);
      const frames = typeof stack === "string" ? stringIndexOf(stack, "\n    at ") : -1;
      define(error, "stack", `TypeError: ${error.message}${frames < 0 ? "" : stringSlice(stack, frames)}`);
      if (hasOwn(cause, "code")) define(error, "code", cause.code, 7);
      if (hasOwn(cause, "isolateHost")) define(error, "isolateHost", cause.isolateHost, 7);
      return error;
    }
  };

  // ../../plugins/fetch/guest/index.ts
  var Fetcher = class {
    #sdk;
    #bodies;
    #failures;
    #atob;
    #sizeOf;
    constructor(sdk) {
      this.#sdk = sdk;
      this.#bodies = new Bodies(sdk);
      this.#failures = new Failures(sdk);
      this.#sizeOf = sdk.primordials.getter(sdk.web.Blob.prototype, "size");
      this.#atob = globalThis.atob;
    }
    fetch(input, init, resolve, reject) {
      const { web, primordials } = this.#sdk;
      const request = web.readRequest(new web.Request(input, init));
      const { signal } = request;
      if (this.#failures.isAborted(signal)) {
        const reason = this.#failures.reasonOf(signal);
        this.#bodies.discard(request.body, reason);
        return reject(reason);
      }
      if (request.integrity !== "") throw this.#failures.refused("integrity is not supported");
      const hash = primordials.stringIndexOf(request.url, "#");
      const url = hash < 0 ? request.url : primordials.stringSlice(request.url, 0, hash);
      const scheme = primordials.stringSlice(url, 0, primordials.stringIndexOf(url, ":"));
      if (scheme === "data") resolve(this.#data(url));
      else if (scheme === "blob") resolve(this.#blob(url, request.method));
      else if (scheme === "http" || scheme === "https") this.#network(request, resolve, reject);
      else throw this.#failures.refused(`the scheme '${scheme}' is not supported`);
    }
    #data(url) {
      const data = readDataURL(this.#sdk.primordials, this.#atob, url);
      if (data === void 0) throw this.#failures.refused("invalid data: URL");
      return this.#local(url, data.bytes, [["content-type", data.type]]);
    }
    #blob(url, method) {
      const { resolveObjectURL } = this.#sdk.web;
      const blob = resolveObjectURL(url);
      if (blob === void 0 || method !== "GET")
        throw this.#failures.refused("there is no such blob: URL, or the method is not GET");
      const length = `${this.#sizeOf(blob)}`;
      return this.#local(url, blob, [
        ["content-length", length],
        ["content-type", blob.type]
      ]);
    }
    #local(url, body, headers) {
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
        const message = { method, url, headers, redirect, body };
        const reply = this.#sdk.callArray("fetch", [message], { signal });
        this.#sdk.primordials.subscribe(reply, (value) => this.#answered(value, signal, resolve, failed), failed);
      };
      this.#bodies.outgoing(request.body, send, failed);
    }
    #answered(reply, signal, resolve, failed) {
      try {
        const whole = reply.body === null || this.#sdk.primordials.typedArrayKind(reply.body) !== void 0;
        const body = whole ? reply.body : this.#bodies.incoming(reply.body, signal, this.#failures);
        const { status, statusText, url, redirected, headers } = reply;
        resolve(this.#sdk.web.makeResponse({ url, status, statusText, headers, body, redirected, type: "basic" }));
      } catch (error) {
        failed(error);
      }
    }
  };
  function install(sdk) {
    const { Promise: Promise2, TypeError } = sdk.primordials;
    const fetcher = new Fetcher(sdk);
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
          if (given === 0) throw new TypeError("fetch: 1 argument required, but only 0 present.");
          fetcher.fetch(input, init, resolve, reject);
        } catch (error) {
          reject(error);
        }
        return promise;
      }
    };
    sdk.defineGlobal("fetch", holder.fetch);
  }
  var capability = { install, absent: install };
  registerCapability("fetch", capability);
})();
