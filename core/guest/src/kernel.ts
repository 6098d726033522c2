// boot(native): installs the base globals and hands the worker its table of functions (protocol §5).
import { initialize, load } from "./capabilities";
import { installWebCodecs } from "./codec/web";
import { commonJsNames } from "./commonjs/names";
import { importCommonJs } from "./commonjs/require";
import { installHostEvents, subscriptionCount } from "./host_events";
import { lendNative, type Native, restartClock } from "./native";
import { Error } from "./primordials";
import { findPluginModule, hasPluginModule } from "./plugin_modules";
import { rejected } from "./report";
import { installByteStreams } from "./rpc/byte_streams";
import { openInflows } from "./rpc/consumer";
import { setInitializer, turn } from "./rpc/inbox";
import { ownedReferences } from "./rpc/leases";
import { drain, drainEarly } from "./rpc/outbox";
import { openProducers } from "./rpc/producer";
import { pendingRequests } from "./rpc/requests";
import { handlerCount } from "./rpc/serve";
import { settle, unsettledEvaluations } from "./settle";
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
import { installTimers, nextTimer, runTimer } from "./web/timers";
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

let started = false;

function start(body: unknown): void {
  if (started) throw new Error("The runtime was initialised already");
  started = true;
  // The template may have been warmed up long ago.
  restartClock();
  initialize(body);
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
  ];
}
