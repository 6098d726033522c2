// MessageEvent (HTML §9.1), CloseEvent (WebSockets Standard) and ProgressEvent (XMLHttpRequest Standard).
import { append, type List, list, toArray } from "../collections";
import { freeze, isFinite, TypeError } from "../primordials";
import { Event, initialize, stateOf, trusted } from "./event";
import { dictionary, exposeInterface, illegal, isObject, requireArguments, sequence } from "./idl";
import { usv } from "./url_query";

/** Provided by message_port.ts, whose ports are EventTargets that fire these events. */
let isPort: (value: object) => boolean = () => false;

export function setPortBrand(check: (value: object) => boolean): void {
  isPort = check;
}

interface MessageState {
  data: unknown;
  origin: string;
  lastEventId: string;
  source: object | null;
  ports: readonly object[];
}

function sourceOf(value: unknown): object | null {
  if (value === undefined || value === null) return null;
  if (isObject(value) && isPort(value)) return value;
  throw new TypeError("MessageEvent: the source is not a MessagePort.");
}

/** Web IDL `sequence<MessagePort>`, as a frozen array. */
function portsOf(value: unknown): readonly object[] {
  const ports: List<object> = list();
  if (value !== undefined) {
    const items = sequence(value);
    if (items === undefined) throw new TypeError("MessageEvent: the ports must be a sequence.");
    // lint: Web IDL asks for the argument's iterator
    for (const port of items) {
      if (!isObject(port) || !isPort(port)) throw new TypeError("MessageEvent: the ports must be MessagePorts.");
      append(ports, port);
    }
  }
  return freeze(toArray(ports));
}

/** The members in the order in which Web IDL reads them. */
function stateFrom(bag: Record<string, unknown> | undefined): MessageState {
  const data = bag?.data;
  const lastEventId = bag?.lastEventId;
  const idText = lastEventId === undefined ? "" : `${lastEventId}`;
  const origin = bag?.origin;
  const originText = origin === undefined ? "" : usv(origin);
  const ports = portsOf(bag?.ports);
  return {
    data: data === undefined ? null : data,
    lastEventId: idText,
    origin: originText,
    ports,
    source: sourceOf(bag?.source),
  };
}

let messageOf: (event: MessageEvent) => MessageState;
let setMessage: (event: MessageEvent, message: MessageState) => void;

export class MessageEvent extends Event {
  #message: MessageState;
  static {
    messageOf = (event) => (#message in event ? event.#message : illegal());
    setMessage = (event, message) => {
      event.#message = message;
    };
  }
  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, "MessageEvent constructor");
    super(type, init);
    this.#message = stateFrom(dictionary(init, "MessageEvent constructor"));
  }
  get data(): unknown {
    return messageOf(this).data;
  }
  get origin(): string {
    return messageOf(this).origin;
  }
  get lastEventId(): string {
    return messageOf(this).lastEventId;
  }
  get source(): object | null {
    return messageOf(this).source;
  }
  get ports(): readonly object[] {
    return messageOf(this).ports;
  }
  initMessageEvent(
    type: unknown,
    bubbles: unknown = false,
    cancelable: unknown = false,
    data: unknown = null,
    origin: unknown = "",
    lastEventId: unknown = "",
    source: unknown = null,
    ports: unknown = undefined,
  ): void {
    messageOf(this);
    requireArguments(arguments.length, 1, "MessageEvent.initMessageEvent");
    const name = `${type}`;
    const message: MessageState = {
      data,
      origin: usv(origin),
      lastEventId: `${lastEventId}`,
      source: sourceOf(source),
      ports: portsOf(ports),
    };
    if (initialize(stateOf(this), name, !!bubbles, !!cancelable)) this.#message = message;
  }
}

/** The event of a message that the platform delivers; reads nothing that guest code could have patched. */
export function deliveredMessage(data: unknown, ports: List<object>): MessageEvent {
  const event = trusted(new MessageEvent("message"));
  setMessage(event, { ...messageOf(event), data, ports: freeze(toArray(ports)) });
  return event;
}

export class CloseEvent extends Event {
  readonly #code: number;
  readonly #reason: string;
  readonly #wasClean: boolean;
  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, "CloseEvent constructor");
    super(type, init);
    const bag = dictionary(init, "CloseEvent constructor");
    const code = bag?.code;
    // Web IDL `unsigned short` wraps.
    this.#code = (code as number) & 0xffff;
    const reason = bag?.reason;
    this.#reason = reason === undefined ? "" : usv(reason);
    this.#wasClean = !!bag?.wasClean;
  }
  get wasClean(): boolean {
    return this.#wasClean;
  }
  get code(): number {
    return this.#code;
  }
  get reason(): string {
    return this.#reason;
  }
}

function double(value: unknown): number {
  if (value === undefined) return 0;
  const number = +(value as number);
  if (!isFinite(number)) throw new TypeError("ProgressEvent constructor: the number is not finite.");
  return number;
}

export class ProgressEvent extends Event {
  readonly #lengthComputable: boolean;
  readonly #loaded: number;
  readonly #total: number;
  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, "ProgressEvent constructor");
    super(type, init);
    const bag = dictionary(init, "ProgressEvent constructor");
    this.#lengthComputable = !!bag?.lengthComputable;
    this.#loaded = double(bag?.loaded);
    this.#total = double(bag?.total);
  }
  get lengthComputable(): boolean {
    return this.#lengthComputable;
  }
  get loaded(): number {
    return this.#loaded;
  }
  get total(): number {
    return this.#total;
  }
}

export function progressEvent(type: string, loaded: number, total: number): ProgressEvent {
  return new ProgressEvent(type, { __proto__: null, lengthComputable: total > 0, loaded, total });
}

export function installMessageEvents(): void {
  exposeInterface(MessageEvent, "MessageEvent");
  exposeInterface(CloseEvent, "CloseEvent");
  exposeInterface(ProgressEvent, "ProgressEvent");
}
