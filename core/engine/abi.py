"""The table of V8 symbols and struct offsets, one for each exact library version.

Everything here was read from the headers of that version and proved by :mod:`isolate_host.engine.selfcheck`, which runs at
every boot. A wrong entry is memory corruption, not an exception: bump V8 only as CONTRIBUTING.md ("How to bump V8") says.

Calling convention: Linux x86_64, Itanium C++ ABI, no pointer compression. ``Local<T>`` and ``MaybeLocal<T>`` are one
pointer, trivially copyable, so they travel in one register. ``Maybe<bool>`` comes back in ``ax`` (low byte: has a value).
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

__all__ = ["TABLES", "Abi", "Symbol"]

P = ctypes.c_void_p
SIZE = ctypes.c_size_t
INT = ctypes.c_int
BOOL = ctypes.c_bool
DOUBLE = ctypes.c_double
#: ``Maybe<bool>``: low byte says whether there is a value, the next byte is the value.
MAYBE_BOOL = ctypes.c_uint16
#: ``Maybe<int>``: low byte says whether there is a value, the upper half is the value.
MAYBE_INT = ctypes.c_uint64


class CallbackPair(ctypes.Structure):
    """``DeserializeInternalFieldsCallback`` and its kin: function and data, both null here."""

    _fields_ = [("function", P), ("data", P)]


class LargeReturn(ctypes.Structure):
    """A struct of more than 16 bytes, so that ctypes passes the hidden return pointer, as classes with a destructor are returned
    (``std::unique_ptr``, and those of coverage: a pointer and a ``std::shared_ptr`` at the most).
    """

    _fields_ = [("words", P * 3)]


@dataclass(frozen=True, slots=True)
class Symbol:
    """One exported function: mangled name, result, arguments, and whether guest code may run inside it.

    A function that can run guest code releases the GIL, or the watchdog thread could not stop it.
    """

    mangled: str
    result: type | None
    arguments: tuple[type, ...] = ()
    runs_guest_code: bool = False


@dataclass(frozen=True, slots=True)
class Abi:
    """Symbols and offsets of one library version."""

    version: str
    symbols: dict[str, Symbol]
    #: Word of ``Isolate::CreateParams`` that holds ``array_buffer_allocator``.
    create_params_allocator_word: int
    #: Word whose low byte the constructor sets to 1 (``allow_atomics_wait``): a fingerprint of the layout.
    create_params_fingerprint_word: int
    #: Index of the return-value slot among the implicit arguments of ``FunctionCallbackInfo``.
    return_value_index: int
    #: Slots of the ``ArrayBuffer::Allocator`` vtable: allocate, allocate uninitialised, free.
    allocator_slots: tuple[int, int, int]
    #: Words to copy from the allocator's vtable.
    allocator_vtable_words: int
    #: ``HeapStatistics`` fields, in order, each a ``size_t``.
    heap_statistics_fields: tuple[str, ...]
    #: ``CoverageMode``: none, and counts of blocks.
    coverage_modes: tuple[int, int]


def _s(mangled: str, result: type | None = P, *arguments: type, js: bool = False) -> Symbol:
    return Symbol(mangled, result, arguments, js)


_LOCAL_CONTEXT = "ENS_5LocalINS_7ContextEEE"

_SYMBOLS_13_1: dict[str, Symbol] = {
    # --- process
    "set_flags": _s("_ZN2v82V818SetFlagsFromStringEPKcm", None, ctypes.c_char_p, SIZE),
    "freeze_flags": _s("_ZN2v88internal8FlagList11FreezeFlagsEv", None),
    "get_version": _s("_ZN2v82V810GetVersionEv", ctypes.c_char_p),
    "initialize_icu": _s("_ZN2v82V813InitializeICUEPKc", BOOL, ctypes.c_char_p),
    "new_single_threaded_platform": _s(
        "_ZN2v88platform32NewSingleThreadedDefaultPlatformENS0_15IdleTaskSupportENS0_21InProcessStackDumping"
        "ESt10unique_ptrINS_17TracingControllerESt14default_deleteIS4_EE",
        LargeReturn, INT, INT, P,
    ),
    "initialize_platform": _s("_ZN2v82V818InitializePlatformEPNS_8PlatformE", None, P),
    "initialize": _s("_ZN2v82V810InitializeEi", BOOL, INT),
    "pump_message_loop": _s("_ZN2v88platform15PumpMessageLoopEPNS_8PlatformEPNS_7IsolateENS0_19MessageLoopBehaviorE", BOOL, P, P, INT, js=True),
    # --- isolate
    "create_params": _s("_ZN2v87Isolate12CreateParamsC1Ev", None, P),
    "new_default_allocator": _s("_ZN2v811ArrayBuffer9Allocator19NewDefaultAllocatorEv"),
    "isolate_new": _s("_ZN2v87Isolate3NewERKNS0_12CreateParamsE", P, P),
    "isolate_enter": _s("_ZN2v87Isolate5EnterEv", None, P),
    "terminate_execution": _s("_ZN2v87Isolate18TerminateExecutionEv", None, P),
    "cancel_terminate_execution": _s("_ZN2v87Isolate24CancelTerminateExecutionEv", None, P),
    "perform_microtasks": _s("_ZN2v87Isolate26PerformMicrotaskCheckpointEv", None, P, js=True),
    "low_memory": _s("_ZN2v87Isolate21LowMemoryNotificationEv", None, P),
    "heap_statistics": _s("_ZN2v87Isolate17GetHeapStatisticsEPNS_14HeapStatisticsE", None, P, P),
    "add_near_heap_limit_callback": _s("_ZN2v87Isolate24AddNearHeapLimitCallbackEPFmPvmmES1_", None, P, P, P),
    "remove_near_heap_limit_callback": _s("_ZN2v87Isolate27RemoveNearHeapLimitCallbackEPFmPvmmEm", None, P, P, SIZE),
    "set_oom_handler": _s("_ZN2v87Isolate18SetOOMErrorHandlerEPFvPKcRKNS_10OOMDetailsEE", None, P, P),
    "set_promise_reject_callback": _s("_ZN2v87Isolate24SetPromiseRejectCallbackEPFvNS_20PromiseRejectMessageEE", None, P, P),
    "set_prepare_stack_callback": _s(
        "_ZN2v87Isolate28SetPrepareStackTraceCallbackEPFNS_10MaybeLocalINS_5ValueEEENS_5LocalINS_7ContextEEENS4_IS2_EENS4_INS_5ArrayEEEE",
        None, P, P,
    ),
    "set_import_dynamically_callback": _s(
        "_ZN2v87Isolate38SetHostImportModuleDynamicallyCallbackEPFNS_10MaybeLocalINS_7PromiseEEENS_5LocalINS_7ContextEEE"
        "NS4_INS_4DataEEENS4_INS_5ValueEEENS4_INS_6StringEEENS4_INS_10FixedArrayEEEE",
        None, P, P,
    ),
    "set_import_meta_callback": _s(
        "_ZN2v87Isolate41SetHostInitializeImportMetaObjectCallbackEPFvNS_5LocalINS_7ContextEEENS1_INS_6ModuleEEENS1_INS_6ObjectEEEE",
        None, P, P,
    ),
    "random_generator": _s("_ZN2v88internal7Isolate23random_number_generatorEv", P, P),
    "random_seed": _s("_ZN2v84base21RandomNumberGenerator7SetSeedEl", None, P, ctypes.c_int64),
    "random_reset_context": _s("_ZN2v88internal10MathRandom12ResetContextENS0_6TaggedINS0_7ContextEEE", None, ctypes.c_uint64),
    # --- handles
    "handle_scope": _s("_ZN2v811HandleScopeC1EPNS_7IsolateE", None, P, P),
    "handle_scope_end": _s("_ZN2v811HandleScopeD1Ev", None, P),
    "globalize": _s("_ZN2v812api_internal18GlobalizeReferenceEPNS_8internal7IsolateEm", P, P, ctypes.c_uint64),
    "dispose_global": _s("_ZN2v812api_internal13DisposeGlobalEPm", None, P),
    "try_catch": _s("_ZN2v88TryCatchC1EPNS_7IsolateE", None, P, P),
    "try_catch_end": _s("_ZN2v88TryCatchD1Ev", None, P),
    "try_catch_has_caught": _s("_ZNK2v88TryCatch9HasCaughtEv", BOOL, P),
    "try_catch_has_terminated": _s("_ZNK2v88TryCatch13HasTerminatedEv", BOOL, P),
    "try_catch_exception": _s("_ZNK2v88TryCatch9ExceptionEv", P, P),
    "try_catch_message": _s("_ZNK2v88TryCatch7MessageEv", P, P),
    # --- context and objects
    "context_new": _s(
        "_ZN2v87Context3NewEPNS_7IsolateEPNS_22ExtensionConfigurationENS_10MaybeLocalINS_14ObjectTemplateEEENS5_INS_5ValueEEE"
        "NS_33DeserializeInternalFieldsCallbackEPNS_14MicrotaskQueueENS_30DeserializeContextDataCallbackENS_29DeserializeAPIWrapperCallbackE",
        P, P, P, P, P, CallbackPair, P, CallbackPair, CallbackPair,
    ),
    "context_enter": _s("_ZN2v87Context5EnterEv", None, P),
    "context_global": _s("_ZN2v87Context6GlobalEv", P, P),
    "set_promise_hook": _s("_ZN2v87Isolate14SetPromiseHookEPFvNS_15PromiseHookTypeENS_5LocalINS_7PromiseEEENS2_INS_5ValueEEEE", None, P, P),
    "context_extras": _s("_ZN2v87Context22GetExtrasBindingObjectEv", P, P),
    "object_new": _s("_ZN2v86Object3NewEPNS_7IsolateE", P, P),
    "object_set": _s("_ZN2v86Object3SetENS_5LocalINS_7ContextEEENS1_INS_5ValueEEES5_", MAYBE_BOOL, P, P, P, P),
    "object_get": _s("_ZN2v86Object3GetENS_5LocalINS_7ContextEEENS1_INS_5ValueEEE", P, P, P, P, js=True),
    "object_get_index": _s("_ZN2v86Object3GetENS_5LocalINS_7ContextEEEj", P, P, P, ctypes.c_uint32),
    "object_own_keys": _s("_ZN2v86Object19GetOwnPropertyNamesENS_5LocalINS_7ContextEEE", P, P, P),
    "array_new": _s("_ZN2v85Array3NewEPNS_7IsolateEPNS_5LocalINS_5ValueEEEm", P, P, P, SIZE),
    "array_length": _s("_ZNK2v85Array6LengthEv", ctypes.c_uint32, P),
    "string_new": _s("_ZN2v86String11NewFromUtf8EPNS_7IsolateEPKcNS_13NewStringTypeEi", P, P, ctypes.c_char_p, INT, INT),
    "string_utf8_length": _s("_ZNK2v86String10Utf8LengthEPNS_7IsolateE", INT, P, P),
    "string_write_utf8": _s("_ZNK2v86String9WriteUtf8EPNS_7IsolateEPciPii", INT, P, P, P, INT, P, INT),
    "utf8_value": _s("_ZN2v86String9Utf8ValueC1EPNS_7IsolateENS_5LocalINS_5ValueEEENS0_12WriteOptionsE", None, P, P, P, INT, js=True),
    "utf8_value_end": _s("_ZN2v86String9Utf8ValueD1Ev", None, P),
    "number_new": _s("_ZN2v86Number3NewEPNS_7IsolateEd", P, P, DOUBLE),
    "number_value": _s("_ZNK2v86Number5ValueEv", DOUBLE, P),
    "is_number": _s("_ZNK2v85Value8IsNumberEv", BOOL, P),
    "is_function": _s("_ZNK2v85Value10IsFunctionEv", BOOL, P),
    "is_promise": _s("_ZNK2v85Value9IsPromiseEv", BOOL, P),
    "promise_state": _s("_ZN2v87Promise5StateEv", INT, P),
    "promise_result": _s("_ZN2v87Promise6ResultEv", P, P),
    "preview_entries": _s("_ZN2v86Object14PreviewEntriesEPb", P, P, P),
    "is_array": _s("_ZNK2v85Value7IsArrayEv", BOOL, P),
    "is_object": _s("_ZNK2v85Value8IsObjectEv", BOOL, P),
    "is_array_buffer": _s("_ZNK2v85Value13IsArrayBufferEv", BOOL, P),
    "is_array_buffer_view": _s("_ZNK2v85Value17IsArrayBufferViewEv", BOOL, P),
    "buffer_new": _s("_ZN2v811ArrayBuffer3NewEPNS_7IsolateEmNS_30BackingStoreInitializationModeE", P, P, SIZE, INT),
    "buffer_maybe_new": _s("_ZN2v811ArrayBuffer8MaybeNewEPNS_7IsolateEmNS_30BackingStoreInitializationModeE", P, P, SIZE, INT),
    "buffer_data": _s("_ZNK2v811ArrayBuffer4DataEv", P, P),
    "buffer_length": _s("_ZNK2v811ArrayBuffer10ByteLengthEv", SIZE, P),
    "view_length": _s("_ZN2v815ArrayBufferView10ByteLengthEv", SIZE, P),
    "view_copy": _s("_ZN2v815ArrayBufferView12CopyContentsEPvm", SIZE, P, P, SIZE),
    "function_new": _s(
        "_ZN2v88Function3NewENS_5LocalINS_7ContextEEEPFvRKNS_20FunctionCallbackInfoINS_5ValueEEEENS1_IS5_EEiNS_19ConstructorBehaviorENS_14SideEffectTypeE",
        P, P, P, P, INT, INT, INT,
    ),
    "function_call": _s(
        "_ZN2v88Function4CallEPNS_7IsolateENS_5LocalINS_7ContextEEENS3_INS_5ValueEEEiPS7_", P, P, P, P, P, INT, P, js=True,
    ),
    "json_parse": _s("_ZN2v84JSON5ParseENS_5LocalINS_7ContextEEENS1_INS_6StringEEE", P, P, P),
    "syntax_error": _s("_ZN2v89Exception11SyntaxErrorENS_5LocalINS_6StringEEENS1_INS_5ValueEEE", P, P, P),
    "type_error": _s("_ZN2v89Exception9TypeErrorENS_5LocalINS_6StringEEENS1_INS_5ValueEEE", P, P, P),
    "error": _s("_ZN2v89Exception5ErrorENS_5LocalINS_6StringEEENS1_INS_5ValueEEE", P, P, P),
    "throw_exception": _s("_ZN2v87Isolate14ThrowExceptionENS_5LocalINS_5ValueEEE", P, P, P),
    # --- scripts
    "compile": _s("_ZN2v814ScriptCompiler7CompileENS_5LocalINS_7ContextEEEPNS0_6SourceENS0_14CompileOptionsENS0_13NoCacheReasonE", P, P, P, INT, INT),
    "compile_function": _s(
        "_ZN2v814ScriptCompiler15CompileFunctionENS_5LocalINS_7ContextEEEPNS0_6SourceEmPNS1_INS_6StringEEEmPNS1_INS_6ObjectEEE"
        "NS0_14CompileOptionsENS0_13NoCacheReasonE",
        P, P, P, SIZE, P, SIZE, P, INT, INT,
    ),
    "run": _s("_ZN2v86Script3RunENS_5LocalINS_7ContextEEE", P, P, P, js=True),
    "evaluate_global": _s("_ZN2v85debug14EvaluateGlobalEPNS_7IsolateENS_5LocalINS_6StringEEENS0_18EvaluateGlobalModeEb", P, P, P, INT, BOOL, js=True),
    "current_script_name": _s("_ZN2v810StackTrace28CurrentScriptNameOrSourceURLEPNS_7IsolateE", P, P),
    # --- modules
    "compile_module": _s(
        "_ZN2v814ScriptCompiler13CompileModuleEPNS_7IsolateEPNS0_6SourceENS0_14CompileOptionsENS0_13NoCacheReasonE", P, P, P, INT, INT,
    ),
    "module_instantiate": _s(
        "_ZN2v86Module17InstantiateModuleENS_5LocalINS_7ContextEEEPFNS_10MaybeLocalIS0_EES3_NS1_INS_6StringEEENS1_INS_10FixedArrayEEE"
        "NS1_IS0_EEEPFNS4_INS_6ObjectEEES3_S7_S9_SA_E",
        MAYBE_BOOL, P, P, P, P,
    ),
    "module_evaluate": _s("_ZN2v86Module8EvaluateENS_5LocalINS_7ContextEEE", P, P, P, js=True),
    "module_is_async": _s("_ZNK2v86Module12IsGraphAsyncEv", BOOL, P),
    "promise_mark_handled": _s("_ZN2v87Promise13MarkAsHandledEv", None, P),
    "module_namespace": _s("_ZN2v86Module18GetModuleNamespaceEv", P, P),
    "module_status": _s("_ZNK2v86Module9GetStatusEv", INT, P),
    "module_exception": _s("_ZNK2v86Module12GetExceptionEv", P, P),
    "module_hash": _s("_ZNK2v86Module15GetIdentityHashEv", INT, P),
    "module_requests": _s("_ZNK2v86Module17GetModuleRequestsEv", P, P),
    "module_synthetic": _s(
        "_ZN2v86Module21CreateSyntheticModuleEPNS_7IsolateENS_5LocalINS_6StringEEERKNS_10MemorySpanIKS5_EE"
        "PFNS_10MaybeLocalINS_5ValueEEENS3_INS_7ContextEEENS3_IS0_EEE",
        P, P, P, P, P,
    ),
    "module_set_export": _s("_ZN2v86Module24SetSyntheticModuleExportEPNS_7IsolateENS_5LocalINS_6StringEEENS3_INS_5ValueEEE", MAYBE_BOOL, P, P, P, P),
    "fixed_array_length": _s("_ZNK2v810FixedArray6LengthEv", INT, P),
    "fixed_array_get": _s("_ZNK2v810FixedArray3GetENS_5LocalINS_7ContextEEEi", P, P, P, INT),
    "request_specifier": _s("_ZNK2v813ModuleRequest12GetSpecifierEv", P, P),
    "request_attributes": _s("_ZNK2v813ModuleRequest19GetImportAttributesEv", P, P),
    "resolver_new": _s("_ZN2v87Promise8Resolver3NewENS_5LocalINS_7ContextEEE", P, P),
    "resolver_promise": _s("_ZN2v87Promise8Resolver10GetPromiseEv", P, P),
    "resolver_resolve": _s("_ZN2v87Promise8Resolver7ResolveENS_5LocalINS_7ContextEEENS2_INS_5ValueEEE", MAYBE_BOOL, P, P, P, js=True),
    "resolver_reject": _s("_ZN2v87Promise8Resolver6RejectENS_5LocalINS_7ContextEEENS2_INS_5ValueEEE", MAYBE_BOOL, P, P, P, js=True),
    # --- messages
    "message_line": _s("_ZNK2v87Message13GetLineNumberENS_5LocalINS_7ContextEEE", MAYBE_INT, P, P),
    "message_column": _s("_ZNK2v87Message14GetStartColumnENS_5LocalINS_7ContextEEE", MAYBE_INT, P, P),
    "message_end_column": _s("_ZNK2v87Message12GetEndColumnENS_5LocalINS_7ContextEEE", MAYBE_INT, P, P),
    "message_source_line": _s("_ZNK2v87Message13GetSourceLineENS_5LocalINS_7ContextEEE", P, P, P),
    "message_text": _s("_ZNK2v87Message3GetEv", P, P),
    "message_resource": _s("_ZNK2v87Message21GetScriptResourceNameEv", P, P),
    # --- coverage
    "coverage_select": _s("_ZN2v85debug8Coverage10SelectModeEPNS_7IsolateENS0_12CoverageModeE", None, P, INT),
    "coverage_collect": _s("_ZN2v85debug8Coverage14CollectPreciseEPNS_7IsolateE", LargeReturn, P),
    "coverage_script_count": _s("_ZNK2v85debug8Coverage11ScriptCountEv", SIZE, P),
    "coverage_script_at": _s("_ZNK2v85debug8Coverage13GetScriptDataEm", LargeReturn, P, SIZE),
    "coverage_script": _s("_ZNK2v85debug8Coverage10ScriptData9GetScriptEv", P, P),
    "coverage_function_count": _s("_ZNK2v85debug8Coverage10ScriptData13FunctionCountEv", SIZE, P),
    "coverage_function_at": _s("_ZNK2v85debug8Coverage10ScriptData15GetFunctionDataEm", LargeReturn, P, SIZE),
    "coverage_function_start": _s("_ZNK2v85debug8Coverage12FunctionData11StartOffsetEv", INT, P),
    "coverage_function_end": _s("_ZNK2v85debug8Coverage12FunctionData9EndOffsetEv", INT, P),
    "coverage_function_calls": _s("_ZNK2v85debug8Coverage12FunctionData5CountEv", ctypes.c_uint32, P),
    "coverage_function_has_blocks": _s("_ZNK2v85debug8Coverage12FunctionData16HasBlockCoverageEv", BOOL, P),
    "coverage_block_count": _s("_ZNK2v85debug8Coverage12FunctionData10BlockCountEv", SIZE, P),
    "coverage_block_at": _s("_ZNK2v85debug8Coverage12FunctionData12GetBlockDataEm", LargeReturn, P, SIZE),
    "coverage_block_start": _s("_ZNK2v85debug8Coverage9BlockData11StartOffsetEv", INT, P),
    "coverage_block_end": _s("_ZNK2v85debug8Coverage9BlockData9EndOffsetEv", INT, P),
    "coverage_block_runs": _s("_ZNK2v85debug8Coverage9BlockData5CountEv", ctypes.c_uint32, P),
    #: What the last owner of the data would do: frees the data, through the counter that every struct above has in it.
    "coverage_dispose": _s(
        "_ZNSt19_Sp_counted_deleterIPN2v88internal8CoverageESt14default_deleteIS2_ESaIvELN9__gnu_cxx12_Lock_policyE2EE10_M_disposeEv", None, P,
    ),
    "script_id": _s("_ZNK2v85debug6Script2IdEv", INT, P),
    "script_name": _s("_ZNK2v85debug6Script4NameEv", P, P),
    "script_source_url": _s("_ZNK2v85debug6Script9SourceURLEv", P, P),
    "script_source": _s("_ZNK2v85debug6Script6SourceEv", P, P),
}

_HEAP_FIELDS = (
    "total_heap_size", "total_heap_size_executable", "total_physical_size", "total_available_size", "used_heap_size",
    "heap_size_limit", "malloced_memory", "external_memory", "peak_malloced_memory",
)

TABLES: dict[str, Abi] = {
    "13.1.201.22": Abi(
        version="13.1.201.22",
        symbols=_SYMBOLS_13_1,
        create_params_allocator_word=11,
        create_params_fingerprint_word=15,
        return_value_index=3,
        allocator_slots=(2, 3, 4),
        allocator_vtable_words=10,
        heap_statistics_fields=_HEAP_FIELDS,
        coverage_modes=(0, 3),
    ),
}
