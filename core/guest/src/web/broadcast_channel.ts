// BroadcastChannel (HTML §9.5), inside one isolate: nothing leaves it.
import { append, copyOf, type List, list, removeAt, Table } from "../collections";
import { DOMException } from "./dom_exception";
import { EventTarget, fire } from "./event_target";
import { handlerAttribute } from "./handlers";
import { exposeInterface, illegal, requireArguments } from "./idl";
import { deliveredMessage } from "./message_event";
import { cloneWithTransfer } from "./structured_clone";
import { startTimer } from "./timers";

interface ChannelState {
  readonly name: string;
  closed: boolean;
}

const open = new Table<string, List<BroadcastChannel>>();
let channelOf: (channel: object) => ChannelState;

export class BroadcastChannel extends EventTarget {
  readonly #state: ChannelState;
  static {
    channelOf = (channel) => (#state in channel ? channel.#state : illegal());
  }
  constructor(name: unknown) {
    requireArguments(arguments.length, 1, "BroadcastChannel constructor");
    const text = `${name}`;
    super();
    this.#state = { name: text, closed: false };
    const channels = open.get(text) ?? list();
    append(channels, this);
    open.set(text, channels);
  }
  get name(): string {
    return channelOf(this).name;
  }
  postMessage(message: unknown): void {
    const state = channelOf(this);
    requireArguments(arguments.length, 1, "BroadcastChannel.postMessage");
    if (state.closed) throw new DOMException("The channel is closed.", "InvalidStateError");
    broadcast(this, state.name, message);
  }
  close(): void {
    const state = channelOf(this);
    if (state.closed) return;
    state.closed = true;
    forget(this, state.name);
  }
}

function forget(channel: BroadcastChannel, name: string): void {
  const channels = open.get(name) as List<BroadcastChannel>;
  for (let i = 0; i < channels.length; i++) if (channels[i] === channel) removeAt(channels, i);
  if (channels.length === 0) open.delete(name);
}

/** Every receiver gets a copy of its own; a message that cannot be copied reaches nobody. */
function broadcast(sender: BroadcastChannel, name: string, message: unknown): void {
  const original = cloneWithTransfer(message, list()).value;
  const receivers = copyOf(open.get(name) as List<BroadcastChannel>);
  for (let i = 0; i < receivers.length; i++) {
    const receiver = receivers[i] as BroadcastChannel;
    if (receiver === sender) continue;
    const { value } = cloneWithTransfer(original, list());
    startTimer(() => {
      if (!channelOf(receiver).closed) fire(receiver, deliveredMessage(value, list()));
    }, 0);
  }
}

export function installBroadcastChannel(): void {
  exposeInterface(BroadcastChannel, "BroadcastChannel");
  handlerAttribute(BroadcastChannel.prototype, "message");
  handlerAttribute(BroadcastChannel.prototype, "messageerror");
}
