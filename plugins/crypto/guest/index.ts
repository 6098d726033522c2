// globalThis.crypto (Web Cryptography). Keys and random bytes never leave the worker: there is no host side to call.
import type { Capability, Sdk } from "../../../core/guest/types/sdk";
import { Crypto, makeCrypto } from "./crypto";
import { CryptoKey, cloneKey, isKey } from "./crypto_key";
import { lend, typeError } from "./platform";
import { SubtleCrypto } from "./subtle";

let attribute: PropertyDescriptor;

function prepare(sdk: Sdk): void {
  lend(sdk);
  sdk.shapeInterface(Crypto, "Crypto");
  sdk.shapeInterface(CryptoKey, "CryptoKey");
  sdk.shapeInterface(SubtleCrypto, "SubtleCrypto");
  sdk.registerCloner(isKey, cloneKey);
  const crypto = makeCrypto();
  const holder = {
    get crypto(): Crypto {
      if (this !== undefined && this !== sdk.primordials.root) typeError("Illegal invocation");
      return crypto;
    },
  };
  attribute = sdk.primordials.getOwnPropertyDescriptor(holder, "crypto");
}

function install(sdk: Sdk): void {
  sdk.defineGlobal("Crypto", Crypto);
  sdk.defineGlobal("CryptoKey", CryptoKey);
  sdk.defineGlobal("SubtleCrypto", SubtleCrypto);
  sdk.primordials.defineProperty(sdk.primordials.root, "crypto", attribute);
}

const capability: Capability = { prepare, install };
registerCapability("crypto", capability);
