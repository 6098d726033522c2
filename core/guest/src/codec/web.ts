// How the classes of the web platform cross (protocol §3, node `x`). What is read comes from private state, never from
// getters that guest code can replace.
import { append, type List, list, toArray } from "../collections";
import { typedArrayByteLength, typedArrayKind, uncurry } from "../primordials";
import { Blob, blobBytes, contentOf, describeFile, File, isBlob, isFile } from "../web/blob";
import { utf8Encode } from "../web/encoding";
import * as web from "../web/fetch_classes";
import { isDisturbed, isLocked } from "../web/streams";
import { hrefOf, isURL, URL } from "../web/url";
import { isQuery, queryOf, URLSearchParams } from "../web/url_query";
import { CloneError } from "./failure";
import { registerCodec } from "./registry";

/** A body larger than this goes as a stream, even when all of it is here. */
const INLINE_BODY = 1024 * 1024;

interface FileParts {
  data: Uint8Array;
  type: string;
  name: string;
  lastModified: number;
}

function encodeBlob(blob: object): object {
  const data = blobBytes(blob);
  if (data === undefined)
    throw new CloneError("a File whose content is read on demand: send its stream(), or await its bytes(),");
  const { type } = contentOf(blob);
  if (!isFile(blob)) return { data, type };
  const { name, lastModified } = describeFile(blob);
  return { data, type, name, lastModified };
}

function decodeBlob(value: unknown): object {
  const { data, type } = value as FileParts;
  return new Blob([data], { __proto__: null, type });
}

function decodeFile(value: unknown): object {
  const { data, lastModified, name, type } = value as FileParts;
  return new File([data], name, { __proto__: null, lastModified, type });
}

const formForEach = uncurry(web.FormData.prototype.forEach);
const formAppend = uncurry(web.FormData.prototype.append);

function encodeForm(form: object): unknown {
  const entries: List<[string, unknown]> = list();
  formForEach(form as InstanceType<typeof web.FormData>, (value, name) => append(entries, [name, value]));
  return toArray(entries);
}

function decodeForm(value: unknown): object {
  const form = new web.FormData();
  const entries = value as [string, unknown][];
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as [string, unknown];
    formAppend(form, entry[0], entry[1]);
  }
  return form;
}

function bytesOfSource(source: unknown): Uint8Array | undefined {
  if (typeof source === "string") return source.length > INLINE_BODY ? undefined : utf8Encode(source);
  if (typedArrayKind(source) !== undefined) {
    return typedArrayByteLength(source) > INLINE_BODY ? undefined : (source as Uint8Array);
  }
  if (typeof source !== "object" || source === null || !isBlob(source)) return undefined;
  return contentOf(source).size > INLINE_BODY ? undefined : blobBytes(source);
}

function encodeBody(body: web.WebBody | null, what: string): unknown {
  if (body === null) return null;
  if (isLocked(body.stream) || isDisturbed(body.stream)) throw new CloneError(`a ${what} whose body was read`);
  return bytesOfSource(body.source) ?? body.stream;
}

function encodeRequest(value: object): object {
  const { body, headers, method, url } = web.readRequest(value as InstanceType<typeof web.Request>);
  return { method, url, headers, body: encodeBody(body, "Request") };
}

function decodeRequest(value: unknown): object {
  const { body, headers, method, url } = value as { body: unknown; headers: unknown; method: string; url: string };
  return new web.Request(url, { __proto__: null, method, headers, body: body ?? undefined, duplex: "half" });
}

function encodeResponse(value: object): object {
  const { body, headers, status, statusText, url } = web.readResponse(value as InstanceType<typeof web.Response>);
  return { status, statusText, url, headers, body: encodeBody(body, "Response") };
}

function decodeQuery(value: unknown): object {
  const query = new URLSearchParams();
  const pairs = value as [string, string][];
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i] as [string, string];
    queryOf(query).append(pair[0], pair[1]);
  }
  return query;
}

const encodeQuery = (query: object): unknown => queryOf(query)._list;
const decodeHeaders = (value: unknown): object => new web.Headers(value);
const decodeURL = (value: unknown): object => new URL(value);
const decodeResponse = (value: unknown): object => web.plainResponse(value as web.ResponseParts);

export function installWebCodecs(): void {
  registerCodec("URL", { matches: isURL, encode: hrefOf, decode: decodeURL });
  registerCodec("URLSearchParams", { matches: isQuery, encode: encodeQuery as never, decode: decodeQuery });
  registerCodec("File", { matches: isFile, encode: encodeBlob, decode: decodeFile });
  registerCodec("Blob", { matches: isBlob, encode: encodeBlob, decode: decodeBlob });
  registerCodec("Headers", { matches: web.isHeaders, encode: web.headerPairs as never, decode: decodeHeaders });
  registerCodec("FormData", { matches: web.isFormData, encode: encodeForm, decode: decodeForm });
  registerCodec("Request", { matches: web.isRequest, encode: encodeRequest, decode: decodeRequest });
  registerCodec("Response", { matches: web.isResponse, encode: encodeResponse, decode: decodeResponse });
}
