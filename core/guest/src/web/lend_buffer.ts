// Node's Buffer for undici's body code. Its own conversions need what was lent before.
import { Buffer } from "isolate-host:buffer";
import "./base64";
import "./encoding";
import "./url";
import "./blob";
import lent from "./lend";

lent.Buffer = Buffer;
