// node:os: a neutral machine that tells nothing of the real one.
const signals = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
};
import { platform } from "../platform";
import { ERRNO } from "./constants_data.mjs";

const priority = {
  PRIORITY_LOW: 19,
  PRIORITY_BELOW_NORMAL: 10,
  PRIORITY_NORMAL: 0,
  PRIORITY_ABOVE_NORMAL: -7,
  PRIORITY_HIGH: -14,
  PRIORITY_HIGHEST: -20,
};
export const constants = { UV_UDP_REUSEADDR: 4, dlopen: {}, errno: ERRNO, signals, priority };
const simple = {
  arch: "x64",
  endianness: "LE",
  homedir: "/",
  hostname: "localhost",
  machine: "x86_64",
  platform: "linux",
  release: "6.0.0",
  tmpdir: "/tmp",
  type: "Linux",
  version: "#1",
};
const cores = () => globalThis.navigator?.hardwareConcurrency ?? 1;

export default {
  ...Object.fromEntries(
    Object.entries(simple).map(([name, value]) => [name, Object.defineProperty(() => value, "name", { value: name })]),
  ),
  availableParallelism: cores,
  cpus: () =>
    Array.from({ length: cores() }, () => ({ model: "", speed: 0, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } })),
  freemem: () => 0,
  totalmem: () => 0,
  getPriority: () => 0,
  setPriority() {},
  loadavg: () => [0, 0, 0],
  networkInterfaces: () => ({}),
  uptime: () => platform.monotonic() / 1000,
  userInfo: () => ({ uid: 65534, gid: 65534, username: "guest", homedir: "/", shell: null }),
  constants,
  devNull: "/dev/null",
  EOL: "\n",
};
