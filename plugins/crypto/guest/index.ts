// globalThis.crypto (Web Cryptography). Keys and random bytes never leave the worker: there is no host side to call.
import type { Capability, Sdk } from "../../../core/guest/types/sdk";
import { Crypto, makeCrypto } from "./crypto";
import { CryptoKey, cloneKey, isKey } from "./crypto_key";
import { lend } from "./platform";
import { SubtleCrypto } from "./subtle";

function install(sdk: Sdk): void {
  lend(sdk);
  sdk.exposeInterface(Crypto, "Crypto");
  sdk.exposeInterface(CryptoKey, "CryptoKey");
  sdk.exposeInterface(SubtleCrypto, "SubtleCrypto");
  sdk.registerCloner(isKey, cloneKey);
  const crypto = makeCrypto();
  const holder = {
    get crypto(): Crypto {
      return crypto;
    },
  };
  const { defineProperty, getOwnPropertyDescriptor, root } = sdk.primordials;
  defineProperty(root, "crypto", getOwnPropertyDescriptor(holder, "crypto"));
}

const capability: Capability = { install };
registerCapability("crypto", capability);
