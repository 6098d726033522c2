// setTimeout and setInterval (HTML §8.6). The worker asks when the next timer is due and runs one timer per task, so
// that microtasks drain in between. A binary heap orders them by due time, then by creation.
import { append, type List, list, Table } from "../collections";
import { monotonic } from "../native";
import { root, TypeError } from "../primordials";
import { reportException } from "../report";
import { isDetached } from "../rpc/life";
import { type Context, currentContext, runIn } from "./async_context";
import { define, requireArguments } from "./idl";

interface Timer {
  id: number;
  due: number;
  order: number;
  /** −1: not in the heap. */
  index: number;
  handler: (...args: unknown[]) => unknown;
  args: unknown[];
  /** −1: runs once. */
  interval: number;
  nesting: number;
  context: Context;
}

const heap: List<Timer> = list();
const byId = new Table<number, Timer>();
let lastId = 0;
let lastOrder = 0;
/** Timer nesting level of the task that runs now (0 outside timers); HTML slows down deep chains to 4 ms. */
let currentNesting = 0;

const NESTING_LIMIT = 5;
const NESTED_MINIMUM = 4;

function before(a: Timer, b: Timer): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

function place(timer: Timer, index: number): void {
  heap[index] = timer;
  timer.index = index;
}

function siftUp(timer: Timer): void {
  let index = timer.index;
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex] as Timer;
    if (!before(timer, parent)) break;
    place(parent, index);
    index = parentIndex;
  }
  place(timer, index);
}

function siftDown(timer: Timer): void {
  const { length } = heap;
  let index = timer.index;
  for (;;) {
    let childIndex = 2 * index + 1;
    if (childIndex >= length) break;
    let child = heap[childIndex] as Timer;
    if (childIndex + 1 < length && before(heap[childIndex + 1] as Timer, child)) child = heap[++childIndex] as Timer;
    if (!before(child, timer)) break;
    place(child, index);
    index = childIndex;
  }
  place(timer, index);
}

function push(timer: Timer): void {
  timer.index = heap.length;
  append(heap, timer);
  siftUp(timer);
}

function remove(timer: Timer): void {
  const { index } = timer;
  if (index < 0) return;
  timer.index = -1;
  const last = heap[heap.length - 1] as Timer;
  heap.length -= 1;
  if (last === timer) return;
  place(last, index);
  siftUp(last);
  siftDown(last);
}

function schedule(timer: Timer, delay: number): void {
  // Between two owners of a session nothing of the former one may be set up for the next.
  if (isDetached()) return;
  timer.due = monotonic() + delay;
  timer.order = ++lastOrder;
  push(timer);
}

function clamp(delay: number, nesting: number): number {
  const wanted = delay > 0 ? delay : 0;
  return nesting > NESTING_LIMIT && wanted < NESTED_MINIMUM ? NESTED_MINIMUM : wanted;
}

function create(handler: unknown, timeout: unknown, args: unknown[], repeat: boolean): number {
  if (typeof handler !== "function") throw new TypeError("The timer's handler must be a function.");
  // Web IDL `long`: wraps at 2³¹ like every browser does.
  const delay = (timeout as number) | 0;
  const nesting = currentNesting + 1;
  const id = ++lastId;
  const interval = repeat ? (delay > 0 ? delay : 0) : -1;
  const context = currentContext();
  const timer: Timer = {
    id,
    due: 0,
    order: 0,
    index: -1,
    handler: handler as Timer["handler"],
    args,
    interval,
    nesting,
    context,
  };
  byId.set(id, timer);
  schedule(timer, clamp(delay, currentNesting));
  return id;
}

function clear(id: unknown): void {
  const key = (id as number) | 0;
  const timer = byId.get(key);
  if (timer === undefined) return;
  byId.delete(key);
  remove(timer);
}

/** A platform timer: no identifier for guest code, no clamping, any delay. */
export function startTimer(handler: () => void, delay: number): void {
  const timer: Timer = { id: 0, due: 0, order: 0, index: -1, handler, args: [], interval: -1, nesting: 0, context: undefined };
  schedule(timer, delay);
}

/** Runs the timer that is due first; nothing when none is due. */
export function runTimer(): void {
  const timer = heap[0];
  if (timer === undefined || timer.due > monotonic()) return;
  remove(timer);
  const repeats = timer.interval >= 0;
  if (!repeats) byId.delete(timer.id);
  currentNesting = timer.nesting;
  try {
    runIn(timer.context, timer.handler, root, timer.args);
  } catch (error) {
    reportException(error);
  }
  if (repeats && byId.get(timer.id) === timer) {
    timer.nesting += 1;
    schedule(timer, clamp(timer.interval, timer.nesting - 1));
  }
}

/** Microtasks of the timer's task have run: what comes next is not nested. */
export function endTimerTask(): void {
  currentNesting = 0;
}

/** A session's owner has gone, and its timers with it. */
export function clearTimers(): void {
  for (let i = 0; i < heap.length; i++) (heap[i] as Timer).index = -1;
  heap.length = 0;
  byId.clear();
  currentNesting = 0;
}

/** Milliseconds until the next timer is due; −1 when there is none. */
export function nextTimer(): number {
  const timer = heap[0];
  if (timer === undefined) return -1;
  const wait = timer.due - monotonic();
  return wait > 0 ? wait : 0;
}

const methods = {
  setTimeout(handler: unknown, timeout: unknown = 0, ...args: unknown[]): number {
    requireArguments(arguments.length, 1, "setTimeout");
    return create(handler, timeout, args, false);
  },
  setInterval(handler: unknown, timeout: unknown = 0, ...args: unknown[]): number {
    requireArguments(arguments.length, 1, "setInterval");
    return create(handler, timeout, args, true);
  },
  clearTimeout(id: unknown = 0): void {
    clear(id);
  },
  clearInterval(id: unknown = 0): void {
    clear(id);
  },
};

export function installTimers(): void {
  define(root, "setTimeout", methods.setTimeout);
  define(root, "setInterval", methods.setInterval);
  define(root, "clearTimeout", methods.clearTimeout);
  define(root, "clearInterval", methods.clearInterval);
}
