// MessageChannel and MessagePort (HTML §9.4), inside one isolate. Each message is a task of its own: timers that are due
// come before it or after it in the order in which both were asked for. A port that waits keeps nothing alive; a message
// on its way does, like any task.
import { append, type List, list, Queue } from "../collections";
import { iteratorSymbol, TypeError } from "../primordials";
import { currentLife, isDetached } from "../rpc/life";
import { registerTransferable, transferList, transferSequence } from "./clone_transfer";
import { Event, trusted } from "./event";
import { EventTarget, fire } from "./event_target";
import { handlerAttribute } from "./handlers";
import { exposeInterface, illegal, isObject, requireArguments } from "./idl";
import { deliveredMessage, setPortBrand } from "./message_event";
import { cloneWithTransfer, refuse } from "./structured_clone";
import { startTimer } from "./timers";

interface Message {
  data: unknown;
  ports: List<object>;
}

/** One end of a channel. A transferred end gets another port; what is queued goes with it. */
interface End {
  peer: End | null;
  port: MessagePort;
  queue: Queue<Message>;
  enabled: boolean;
  /** The owner of the session in whose time it was last used. */
  life: number;
}

const token = {};
let isPort: (value: object) => boolean;
/** `null`: the port was closed or transferred. */
let endOf: (port: object) => End | null;
let setEnd: (port: object, end: End | null) => void;

export class MessagePort extends EventTarget {
  #end: End | null = null;
  static {
    isPort = (value) => #end in value;
    endOf = (port) => (#end in port ? port.#end : illegal());
    setEnd = (port, end) => {
      (port as MessagePort).#end = end;
    };
  }
  constructor(key: unknown = undefined) {
    if (key !== token) throw new TypeError("Illegal constructor");
    super();
  }
  postMessage(message: unknown, options: unknown = undefined): void {
    const end = endOf(this);
    requireArguments(arguments.length, 1, "MessagePort.postMessage");
    post(this, end, message, transferArgument(options));
  }
  start(): void {
    enable(endOf(this));
  }
  close(): void {
    const end = endOf(this);
    if (end === null) return;
    setEnd(this, null);
    disentangle(end);
  }
}

/** Two overloads: a sequence of what is transferred, or options. */
function transferArgument(options: unknown): List<object> {
  const where = "MessagePort.postMessage";
  const iterator = isObject(options) ? (options as { [iteratorSymbol]?: unknown })[iteratorSymbol] : undefined;
  return iterator === undefined || iterator === null ? transferList(options, where) : transferSequence(options, where);
}

function post(port: object, end: End | null, message: unknown, transfer: List<object>): void {
  let doomed = false;
  for (let i = 0; i < transfer.length; i++) {
    if (transfer[i] === port) refuse("The port that sends the message");
    if (end?.peer !== null && transfer[i] === end?.peer.port) doomed = true;
  }
  const { value, transferred } = cloneWithTransfer(message, transfer);
  const target = end?.peer;
  // Nobody can ever receive a message that takes its own receiver away.
  if (target === null || target === undefined || doomed) return;
  const ports: List<object> = list();
  for (let i = 0; i < transferred.length; i++) if (isPort(transferred[i] as object)) append(ports, transferred[i] as object);
  refresh(target);
  // Between two owners nothing is delivered any more.
  if (target.enabled && isDetached()) return;
  target.queue.push({ data: value, ports });
  if (target.enabled) startTimer(() => deliver(target), 0);
}

/** Messages on their way went with the owner of the session whose tasks they were; those that wait for a `start()` wait on. */
function refresh(end: End): void {
  if (end.life === currentLife()) return;
  end.life = currentLife();
  if (end.enabled) end.queue = new Queue();
}

function deliver(end: End): void {
  if (!end.enabled) return;
  const message = end.queue.shift();
  if (message !== undefined) fire(end.port, deliveredMessage(message.data, message.ports));
}

function enable(end: End | null): void {
  if (end === null || end.enabled || isDetached()) return;
  refresh(end);
  end.enabled = true;
  for (let i = 0; i < end.queue.size; i++) startTimer(() => deliver(end), 0);
}

function disentangle(end: End): void {
  const { peer } = end;
  if (peer === null) return;
  end.peer = peer.peer = null;
  startTimer(() => fire(peer.port, trusted(new Event("close"))), 0);
}

function newPort(end: End | null): MessagePort {
  const port = new MessagePort(token);
  setEnd(port, end);
  return port;
}

function newEnd(): End {
  const port = new MessagePort(token);
  const end: End = { peer: null, port, queue: new Queue(), enabled: false, life: currentLife() };
  setEnd(port, end);
  return end;
}

function beginPort(port: object) {
  if (endOf(port) === null) refuse("A detached MessagePort");
  const copy = newPort(null);
  const move = () => {
    const end = endOf(port) ?? refuse("A detached MessagePort");
    setEnd(port, null);
    refresh(end);
    end.enabled = false;
    end.port = copy;
    setEnd(copy, end);
  };
  return { copy, move };
}

let portsOf: (channel: object) => readonly [MessagePort, MessagePort];

export class MessageChannel {
  readonly #ports: readonly [MessagePort, MessagePort];
  static {
    portsOf = (channel) => (#ports in channel ? channel.#ports : illegal());
  }
  constructor() {
    const one = newEnd();
    const two = newEnd();
    one.peer = two;
    two.peer = one;
    this.#ports = [one.port, two.port];
  }
  get port1(): MessagePort {
    return portsOf(this)[0];
  }
  get port2(): MessagePort {
    return portsOf(this)[1];
  }
}

export function installMessagePorts(): void {
  exposeInterface(MessagePort, "MessagePort");
  exposeInterface(MessageChannel, "MessageChannel");
  handlerAttribute(MessagePort.prototype, "message", (port) => enable(endOf(port)));
  handlerAttribute(MessagePort.prototype, "messageerror");
  handlerAttribute(MessagePort.prototype, "close");
  setPortBrand(isPort);
  registerTransferable({ matches: isPort, begin: beginPort });
}
