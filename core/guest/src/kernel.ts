// boot(native): installs the base globals and hands the worker its table of functions (protocol §5).
import { initialize, load, resetCapabilities } from "./capabilities";
import { installWebCodecs } from "./codec/web";
import { commonJsNames } from "./commonjs/names";
import { forgetCommonJs, importCommonJs } from "./commonjs/require";
import type { List } from "./collections";
import { installHostEvents, subscriptionCount } from "./host_events";
import { lendNative, type Native, restartClock } from "./native";
import { Error } from "./primordials";
import { findPluginModule, hasPluginModule } from "./plugin_modules";
import { forgetRejections, rejected, reportRejections } from "./report";
import { installByteStreams } from "./rpc/byte_streams";
import { abandonInflows, openInflows } from "./rpc/consumer";
import { flushDrops } from "./rpc/drops";
import { setInitializer, turn } from "./rpc/inbox";
import { abandonLeases, ownedReferences } from "./rpc/leases";
import { attach, detach, isDetached } from "./rpc/life";
import { discardOutbox, drainEarly, takeFrames } from "./rpc/outbox";
import { abandonProducers, openProducers } from "./rpc/producer";
import { abandonRequests, pendingRequests } from "./rpc/requests";
import { abandonServing, handlerCount } from "./rpc/serve";
import { abandonEvaluations, settle, unsettledEvaluations } from "./settle";
import { prepareStack } from "./stack/prepare";
import { addSourceMap } from "./stack/source_map";
import { installAbort } from "./web/abort";
import { installAsyncContext } from "./web/async_context";
import { installBase64 } from "./web/base64";
import { installBlob } from "./web/blob";
import { installBroadcastChannel } from "./web/broadcast_channel";
import { installCompression } from "./web/compression";
import { installDOMException } from "./web/dom_exception";
import { installEncoding } from "./web/encoding";
import { installErrorEvents } from "./web/error_events";
import { installEvents } from "./web/event";
import { installEventTarget } from "./web/event_target";
import { installFetchClasses } from "./web/fetch_classes";
import { installFileReader } from "./web/file_reader";
import { installMessageEvents } from "./web/message_event";
import { installMessagePorts } from "./web/message_port";
import { installNavigator } from "./web/navigator";
import { installPerformance } from "./web/performance";
import { installPolyfills } from "./web/polyfills";
import { installStreamTransfer } from "./web/stream_transfer";
import { installStreams } from "./web/streams";
import { installStructuredClone } from "./web/structured_clone";
import { installTasks } from "./web/tasks";
import { clearTimers, endTimerTask, installTimers, nextTimer, runTimer } from "./web/timers";
import { installWasmStreaming } from "./web/wasm_streaming";
import { installURL } from "./web/url";
import { installURLPattern } from "./web/url_pattern";
import { installURLSearchParams } from "./web/url_query";

/** By how many ways the host could still wake this guest. */
function liveness(): number {
  return pendingRequests() + ownedReferences() + subscriptionCount() + handlerCount() + openInflows() + openProducers();
}

/** Milliseconds until the next timer, -1 = there is none, -2 = none, and an evaluation waits for what nothing can bring. */
function outlook(): number {
  const next = nextTimer();
  return next === -1 && unsettledEvaluations() > 0 && liveness() === 0 ? -2 : next;
}

/** The end of a turn: its frames behind a line with the outlook, or the outlook alone. One entry for both: every host call pays for each. */
function drain(): List<string | ArrayBuffer> | number {
  endTimerTask();
  // Who hears of a rejection may do more in the microtasks that follow, so there must be another round soon.
  const ahead = reportRejections() ? 0 : outlook();
  flushDrops();
  return takeFrames(ahead) ?? ahead;
}

let started = false;

function start(body: unknown): void {
  if (started && !isDetached()) throw new Error("The runtime was initialised already");
  // The template may have been warmed up long ago. A session's time goes on from owner to owner.
  if (!started) restartClock();
  started = true;
  attach();
  initialize(body);
}

/** The owner of a session has gone: whatever waits for it, or it for, fails. Guest code hears of it in the microtasks that follow. */
function abandon(): void {
  detach();
  clearTimers();
  abandonEvaluations();
  abandonLeases();
  abandonServing();
  abandonInflows();
  abandonProducers();
  abandonRequests();
}

/** Those have run: what they started goes, too. `modules`: JSON of the ids and file names of those that stay. */
function forget(modules: string): void {
  clearTimers();
  forgetCommonJs(modules);
  forgetRejections();
  resetCapabilities();
  discardOutbox();
}

export function boot(native: Native): unknown[] {
  lendNative(native);
  restartClock();
  installPolyfills();
  installDOMException();
  installEvents();
  installEventTarget();
  installAbort();
  installErrorEvents();
  installMessageEvents();
  installTimers();
  installTasks();
  installPerformance();
  installStructuredClone();
  installMessagePorts();
  installBroadcastChannel();
  installAsyncContext();
  installStreams();
  installStreamTransfer();
  installEncoding();
  installBase64();
  installURL();
  installURLSearchParams();
  installBlob();
  installFetchClasses();
  installFileReader();
  installWasmStreaming();
  installURLPattern();
  installCompression();
  installNavigator();
  installByteStreams();
  installWebCodecs();
  installHostEvents();
  setInitializer(start);
  return [
    turn,
    drain,
    settle,
    rejected,
    runTimer,
    outlook,
    prepareStack,
    addSourceMap,
    load,
    findPluginModule,
    drainEarly,
    hasPluginModule,
    commonJsNames,
    importCommonJs,
    abandon,
    forget,
  ];
}
