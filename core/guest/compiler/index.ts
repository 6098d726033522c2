// The compiler as a capability: loaded into an isolate of its own, where it answers the broker.
import type { Capability, Sdk } from "../types/sdk";
import { type CompileRequest, compile } from "./compile";

const capability: Capability = {
  install(sdk: Sdk): void {
    sdk.handle("compile", (request: CompileRequest) => compile(request));
  },
};

registerCapability("compiler", capability);
