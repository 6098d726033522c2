// Modules that guest code can import but not use: the functions of Node, each an error that names what to use instead.
// Module → [what to use instead, functions, classes].
export const UNAVAILABLE = {
  http: [
    "use fetch (policies.fetch); serve() answers requests",
    "createServer get request setMaxIdleHTTPParsers",
    "Agent ClientRequest IncomingMessage OutgoingMessage Server ServerResponse",
  ],
  https: ["use fetch (policies.fetch)", "createServer get request", "Agent Server"],
  http2: [
    "use fetch (policies.fetch)",
    "connect createServer createSecureServer getDefaultSettings getPackedSettings getUnpackedSettings performServerHandshake",
    "Http2ServerRequest Http2ServerResponse",
  ],
  net: [
    "use fetch or WebSocket (policies.fetch)",
    "connect createConnection createServer getDefaultAutoSelectFamily setDefaultAutoSelectFamily getDefaultAutoSelectFamilyAttemptTimeout setDefaultAutoSelectFamilyAttemptTimeout",
    "BlockList SocketAddress Server Socket Stream",
  ],
  tls: [
    "use fetch (policies.fetch)",
    "getCiphers convertALPNProtocols checkServerIdentity createSecureContext createServer connect createSecurePair",
    "SecureContext TLSSocket Server",
  ],
  dns: [
    "fetch resolves names by itself (policies.fetch)",
    "lookup lookupService getDefaultResultOrder setDefaultResultOrder setServers getServers resolve resolve4 resolve6 resolveAny resolveCaa resolveCname resolveMx resolveNaptr resolveNs resolvePtr resolveSoa resolveSrv resolveTxt reverse",
    "Resolver",
  ],
  dgram: ["use fetch (policies.fetch)", "createSocket", "Socket"],
  child_process: [
    "guest code starts no processes; use a tool (policies.tools)",
    "exec execFile execFileSync execSync fork spawn spawnSync",
    "ChildProcess",
  ],
  cluster: ["guest code starts no processes; use a tool (policies.tools)", "setupPrimary setupMaster fork disconnect", "Worker"],
  vm: [
    "use eval or new Function in this runtime, or import a module (policies.modules)",
    "createContext createScript runInContext runInNewContext runInThisContext compileFunction measureMemory",
    "Script",
  ],
  v8: [
    "the engine's internals are the host's; use structuredClone for copies",
    "cachedDataVersionTag getHeapSnapshot getHeapStatistics getHeapSpaceStatistics getHeapCodeStatistics setFlagsFromString deserialize takeCoverage stopCoverage serialize writeHeapSnapshot queryObjects setHeapSnapshotNearHeapLimit",
    "Serializer Deserializer DefaultSerializer DefaultDeserializer GCProfiler",
  ],
  inspector: ["the host watches runtimes by itself", "open close url waitForDebugger", "Session"],
  readline: [
    "there is no terminal; read with the File System API (policies.files) or call a tool (policies.tools)",
    "clearLine clearScreenDown createInterface cursorTo emitKeypressEvents moveCursor",
    "Interface",
  ],
  repl: ["there is no terminal", "start writer isValidSyntax", "REPLServer Recoverable"],
  fs: [
    "use getDirectory() or node:fs/promises (policies.files)",
    "appendFile appendFileSync access accessSync chown chownSync chmod chmodSync close closeSync copyFile copyFileSync cp cpSync createReadStream createWriteStream exists fchown fchownSync fchmod fchmodSync fdatasync fdatasyncSync fstat fstatSync fsync fsyncSync ftruncate ftruncateSync futimes futimesSync lchown lchownSync link linkSync lstat lstatSync lutimes lutimesSync mkdir mkdirSync mkdtemp mkdtempSync open openSync openAsBlob readdir readdirSync read readSync readv readvSync readFile readFileSync readlink readlinkSync realpath realpathSync rename renameSync rm rmSync rmdir rmdirSync stat statfs statSync statfsSync symlink symlinkSync truncate truncateSync unwatchFile unlink unlinkSync utimes utimesSync watch watchFile writeFile writeFileSync write writeSync writev writevSync opendir opendirSync",
    "Dirent Stats ReadStream WriteStream FileReadStream FileWriteStream Dir",
  ],
};
