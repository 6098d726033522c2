// getDirectory() and its handles (File System Standard), and node:fs/promises, over the host's files.
import type { Capability, Sdk } from "../../../core/guest/types/sdk";
import { fsPromises } from "./node/exports";
import { installHandles } from "./handles";
import { installIterator } from "./iterator";
import { captureReaders, lend } from "./platform";
import { installWritable } from "./writable";

function install(sdk: Sdk): void {
  lend(sdk);
  captureReaders();
  installIterator();
  installWritable();
  installHandles();
  sdk.defineModule("node:fs/promises", fsPromises);
}

// Without a grant all of it is there too: the host refuses, says which key would grant it, and records that somebody asked.
const capability: Capability = { install, absent: install };

registerCapability("files", capability);
