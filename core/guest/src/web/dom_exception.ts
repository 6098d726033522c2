// DOMException: a real Error underneath (V8 gives it a stack), with name, message and code on the prototype.
import { captureStackTrace, Error, setPrototypeOf } from "../primordials";
import { define, exposeInterface, illegal } from "./idl";

const LEGACY_CODES: Record<string, number> = {
  __proto__: null as never,
  IndexSizeError: 1,
  HierarchyRequestError: 3,
  WrongDocumentError: 4,
  InvalidCharacterError: 5,
  NoModificationAllowedError: 7,
  NotFoundError: 8,
  NotSupportedError: 9,
  InUseAttributeError: 10,
  InvalidStateError: 11,
  SyntaxError: 12,
  InvalidModificationError: 13,
  NamespaceError: 14,
  InvalidAccessError: 15,
  TypeMismatchError: 17,
  SecurityError: 18,
  NetworkError: 19,
  AbortError: 20,
  URLMismatchError: 21,
  QuotaExceededError: 22,
  TimeoutError: 23,
  InvalidNodeTypeError: 24,
  DataCloneError: 25,
};

/** Names without a legacy code; an error that crosses with one of them is a DOMException too. */
const MODERN_NAMES: Record<string, number> = {
  __proto__: null as never,
  EncodingError: 0,
  NotReadableError: 0,
  UnknownError: 0,
  ConstraintError: 0,
  DataError: 0,
  TransactionInactiveError: 0,
  ReadOnlyError: 0,
  VersionError: 0,
  OperationError: 0,
  NotAllowedError: 0,
  OptOutError: 0,
};

const CONSTANTS: Record<string, number> = {
  INDEX_SIZE_ERR: 1,
  DOMSTRING_SIZE_ERR: 2,
  HIERARCHY_REQUEST_ERR: 3,
  WRONG_DOCUMENT_ERR: 4,
  INVALID_CHARACTER_ERR: 5,
  NO_DATA_ALLOWED_ERR: 6,
  NO_MODIFICATION_ALLOWED_ERR: 7,
  NOT_FOUND_ERR: 8,
  NOT_SUPPORTED_ERR: 9,
  INUSE_ATTRIBUTE_ERR: 10,
  INVALID_STATE_ERR: 11,
  SYNTAX_ERR: 12,
  INVALID_MODIFICATION_ERR: 13,
  NAMESPACE_ERR: 14,
  INVALID_ACCESS_ERR: 15,
  VALIDATION_ERR: 16,
  TYPE_MISMATCH_ERR: 17,
  SECURITY_ERR: 18,
  NETWORK_ERR: 19,
  ABORT_ERR: 20,
  URL_MISMATCH_ERR: 21,
  QUOTA_EXCEEDED_ERR: 22,
  TIMEOUT_ERR: 23,
  INVALID_NODE_TYPE_ERR: 24,
  DATA_CLONE_ERR: 25,
};

interface State {
  name: string;
  message: string;
}

/** Private fields land on whatever object the base constructor returns: here, on a genuine Error. */
class Identity {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: that is the point
    return object;
  }
}
class Stamp extends Identity {
  readonly #state: State;
  constructor(object: object, state: State) {
    super(object);
    this.#state = state;
  }
  static of(value: object): State {
    return #state in value ? value.#state : illegal();
  }
  static marks(value: object): boolean {
    return #state in value;
  }
}

export class DOMException {
  constructor(message: unknown = "", options: unknown = "Error") {
    const bag = typeof options === "object" && options !== null ? (options as { name?: unknown; cause?: unknown }) : null;
    const text = `${message}`;
    const name = bag === null ? `${options}` : bag.name === undefined ? "Error" : `${bag.name}`;
    const error = new Error();
    setPrototypeOf(error, new.target.prototype);
    new Stamp(error, { name, message: text });
    if (bag !== null && "cause" in bag) define(error, "cause", bag.cause);
    captureStackTrace(error, new.target);
    // biome-ignore lint/correctness/noConstructorReturn: the instance is a genuine Error
    return error as unknown as DOMException;
  }
  get name(): string {
    return Stamp.of(this).name;
  }
  get message(): string {
    return Stamp.of(this).message;
  }
  get code(): number {
    return LEGACY_CODES[Stamp.of(this).name] ?? 0;
  }
}

export function isDOMException(value: object): value is DOMException {
  return Stamp.marks(value);
}

/** What crosses: the state itself, out of reach of patched getters. */
export function domExceptionState(value: object): State {
  return Stamp.of(value);
}

/** Whether a host error of this name should be a DOMException here. `SyntaxError` is the language's unless it says so. */
export function isDOMExceptionName(name: string): boolean {
  return name !== "SyntaxError" && (name in LEGACY_CODES || name in MODERN_NAMES);
}

export function installDOMException(): void {
  setPrototypeOf(DOMException.prototype, Error.prototype);
  exposeInterface(DOMException, "DOMException", CONSTANTS);
}
