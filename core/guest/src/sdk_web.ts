// `sdk.web`: the platform's classes for plugins, as they were before guest code ran, and the doors into their objects.
import { freeze, hasOwn, TypeError } from "./primordials";
import { offAbort, onAbort } from "./web/abort";
import { Blob, blobBytes, File, remoteFile } from "./web/blob";
import { DOMException } from "./web/dom_exception";
import { utf8Decode, utf8Encode } from "./web/encoding";
import { Event, trusted } from "./web/event";
import { EventTarget, fire } from "./web/event_target";
import {
  errorResponse,
  type FetchedResponse,
  fetchedResponse,
  FormData,
  Headers,
  type IncomingRequest,
  incomingRequest,
  isRequest,
  isResponse,
  readRequest,
  readResponse,
  Request,
  Response,
} from "./web/fetch_classes";
import { handlerAttribute } from "./web/handlers";
import { resolveObjectURL } from "./web/object_url";
import { CloseEvent, MessageEvent, ProgressEvent } from "./web/message_event";
import { isDisturbed, isLocked, ReadableStream, TransformStream, WritableStream } from "./web/streams";
import { URL } from "./web/url";
import { URLSearchParams } from "./web/url_query";

export const sdkWeb = freeze({
  Blob,
  CloseEvent,
  DOMException,
  Event,
  EventTarget,
  File,
  FormData,
  Headers,
  MessageEvent,
  ProgressEvent,
  ReadableStream,
  Request,
  Response,
  TransformStream,
  URL,
  URLSearchParams,
  WritableStream,
  isRequest,
  isResponse,
  readRequest(request: object) {
    if (!isRequest(request)) throw new TypeError("The value is not of type 'Request'.");
    return readRequest(request as Request);
  },
  incomingRequest: (parts: IncomingRequest, signal: object) => incomingRequest(parts, signal),
  readResponse(response: object) {
    if (!isResponse(response)) throw new TypeError("The value is not of type 'Response'.");
    return readResponse(response as Response);
  },
  isUsed: (body: { stream: object; untouched?: boolean }) =>
    !(hasOwn(body, "untouched") && body.untouched) && (isLocked(body.stream) || isDisturbed(body.stream)),
  makeResponse: (parts: FetchedResponse) => fetchedResponse(parts),
  errorResponse,
  resolveObjectURL,
  blobBytes,
  remoteFile,
  utf8Encode,
  utf8Decode,
  onAbort,
  offAbort,
  fire: (target: object, event: object) => fire(target, trusted(event as Event)),
  handlerAttribute,
});
