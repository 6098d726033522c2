// getDirectory() and its handles (File System Standard), and node:fs/promises, over the host's files.
import type { Capability, Sdk } from "../../../core/guest/types/sdk";
import { fsPromises } from "./node/exports";
import { installHandles } from "./handles";
import { installIterator } from "./iterator";
import { captureReaders, lend } from "./platform";
import { installWritable } from "./writable";

function prepare(sdk: Sdk): void {
  lend(sdk);
  captureReaders();
  installIterator();
  installWritable();
  installHandles();
  sdk.defineModule("node:fs/promises", fsPromises);
}

// All of it is there with or without a grant, and made once in the template; only the working directory differs. Without one the host refuses, says which key would grant it, and records that somebody asked.
const capability: Capability = { prepare, install: lend, absent: lend };

registerCapability("files", capability);
