// node:perf_hooks: the platform's performance object, and what packages expect beside it.
import { coded } from "./errors.mjs";

const names = [
  "Performance",
  "PerformanceEntry",
  "PerformanceMark",
  "PerformanceMeasure",
  "PerformanceObserver",
  "PerformanceObserverEntryList",
  "PerformanceResourceTiming",
];
const refuse = (name) => () => {
  throw coded(
    Error,
    "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM",
    `perf_hooks.${name} is not available to guest code: measure with performance.now()`,
  );
};
const { performance } = globalThis;

function timerify(fn) {
  return Object.defineProperty(
    function (...args) {
      const begin = performance.now();
      try {
        return new.target ? Reflect.construct(fn, args) : Reflect.apply(fn, this, args);
      } finally {
        performance.measure?.(`timerify ${fn.name}`, { start: begin, end: performance.now() });
      }
    },
    "name",
    { value: `timerified ${fn.name}` },
  );
}

/** Nothing is observed here; the class is there to be named. */
function closedClass(name) {
  function Closed() {
    refuse(name)();
  }
  Object.defineProperty(Closed, "name", { value: name });
  return Object.assign(Closed, { supportedEntryTypes: [] });
}

export default {
  PerformanceObserver: closedClass("PerformanceObserver"),
  PerformanceObserverEntryList: closedClass("PerformanceObserverEntryList"),
  PerformanceResourceTiming: closedClass("PerformanceResourceTiming"),
  ...Object.fromEntries(names.filter((name) => globalThis[name]).map((name) => [name, globalThis[name]])),
  performance,
  timerify,
  eventLoopUtilization: () => ({ idle: 0, active: 0, utilization: 0 }),
  monitorEventLoopDelay: refuse("monitorEventLoopDelay"),
  createHistogram: refuse("createHistogram"),
  constants: {
    NODE_PERFORMANCE_GC_MAJOR: 4,
    NODE_PERFORMANCE_GC_MINOR: 1,
    NODE_PERFORMANCE_GC_INCREMENTAL: 8,
    NODE_PERFORMANCE_GC_WEAKCB: 16,
  },
};
