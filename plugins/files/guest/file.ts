// A File of what is on the host. Short content comes along; longer content is read when somebody wants it, and only that part.
import { domFailure } from "./failures";
import { host, type Snapshot } from "./host";
import { typeOf } from "./mime";
import { after, own, p, sdk, sizeOf, streams, web } from "./platform";

interface Controller {
  enqueue(chunk: unknown): void;
  close(): void;
  error(reason: unknown): void;
  readonly byobRequest: { respond(bytes: number): void } | null;
}

/** The bytes from `offset` on, of the version that `token` names, or of the present one. */
export function openContent(path: string, token: string | null, offset: number, length: number | null): object {
  let source: Promise<object> | undefined;
  let reader: object | undefined;
  const begin = () => {
    source ??= after(sdk.callArray("read", [path, token, offset, length]), (found) => {
      const whole = p.typedArrayKind(found) !== undefined;
      reader = streams().getReader(whole ? streamOf(found as Uint8Array) : (found as object));
      return undefined;
    });
    return source;
  };
  const finish = (controller: Controller) => {
    controller.close();
    controller.byobRequest?.respond(0);
  };
  const arrived = (controller: Controller) => (result: unknown) => {
    const { done, value } = result as { done: boolean; value: unknown };
    if (done) finish(controller);
    else controller.enqueue(value);
  };
  const failed = (error: unknown) => {
    throw domFailure(error);
  };
  const next = () => streams().read(reader as object);
  const pull = (controller: Controller) => own(after(after(begin(), next), arrived(controller), failed));
  const drop = (reason: unknown) => () => (reader === undefined ? undefined : streams().cancel(reader, reason));
  const cancel = (reason: unknown) => own(after(source, drop(reason), () => undefined));
  return new web.ReadableStream({ __proto__: null, type: "bytes", pull, cancel }, { __proto__: null, highWaterMark: 0 });
}

function streamOf(bytes: Uint8Array): object {
  const start = (controller: Controller) => {
    if (sizeOf(bytes) > 0) controller.enqueue(bytes);
    controller.close();
  };
  return new web.ReadableStream({ __proto__: null, start });
}

export function openFile(path: string, name: string): Promise<object> {
  return after(host<Snapshot>("file", path), (found) => {
    const { data, mtime, size, token } = found as Snapshot;
    const type = typeOf(name);
    if (data !== null) return new web.File([data], name, { __proto__: null, type, lastModified: mtime });
    const open = (offset: number, length: number) => openContent(path, token, offset, length);
    return web.remoteFile({ open }, size, name, type, mtime);
  });
}
