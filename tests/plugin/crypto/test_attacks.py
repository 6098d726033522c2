"""Guests that try to break crypto, to spy with it, or to burn the host's time."""

import asyncio

import pytest

import isolate_host as ih

PBKDF2 = """const k = await s.importKey("raw", new Uint8Array(8), "PBKDF2", false, ["deriveBits"]);
await s.deriveBits({name: "PBKDF2", hash: "SHA-512", salt: new Uint8Array(8), iterations: 2147483647}, k, 512)"""
HUGE_RSA = """await s.generateKey({name: "RSA-PSS", hash: "SHA-1", modulusLength: 16384, publicExponent: new Uint8Array([1, 0, 1])}, true, ["sign"])"""


@pytest.mark.parametrize("source", [PBKDF2, HUGE_RSA], ids=["iterations", "modulus"])
def test_endless_work_ends_with_the_time_limit(js, source):
    with pytest.raises(ih.ExecutionTimeout):
        js(source, ih.Limits(timeout_s=0.5))
    assert js("typeof await s.digest('SHA-1', new Uint8Array(1))") == "object"


def test_endless_work_ends_with_the_cpu_limit(js):
    with pytest.raises(ih.LimitExceeded) as caught:
        js(PBKDF2, ih.Limits(cpu_s=1))
    assert caught.value.kind == "cpu"


def test_the_broker_serves_others_meanwhile(js):
    async def run():
        async with js.host.create_runtime(limits=ih.Limits(timeout_s=50)) as busy, js.host.create_runtime() as other:
            work = asyncio.ensure_future(busy.eval(f"const s = crypto.subtle; {PBKDF2}"))
            await asyncio.sleep(0.1)
            for _ in range(20):
                assert await other.eval("crypto.randomUUID().length") == 36
            assert not work.done()
            work.cancel()
            with pytest.raises(asyncio.CancelledError):
                await work

    js.loop.run_until_complete(run())


def test_giant_input_is_read_in_place(js):
    """64 MiB under a limit of 96: there is no room for a copy."""
    found = js("const t = performance.now(), d = await s.digest('SHA-256', new Uint8Array(64 << 20)); d", ih.Limits(memory_mb=96))
    assert found.hex() == "3b6a07d0d404fab4e23b6d34bc6696a6a312dd92821332385e5af7c01c421351"


def test_giant_output_is_an_error_or_the_end_of_that_guest(js):
    source = """const k = await s.importKey("raw", new Uint8Array(16), "AES-CTR", false, ["encrypt"]);
        await errorOf(() => s.encrypt({name: "AES-CTR", counter: new Uint8Array(16), length: 64}, k, new Uint8Array(48 << 20)))"""
    try:
        assert js(source, ih.Limits(memory_mb=64)) in ("OperationError", "RangeError")
    except (ih.LimitExceeded, ih.WorkerCrashed) as error:
        assert getattr(error, "kind", "memory") == "memory"


def test_getters_change_buffers_while_parameters_are_read(js):
    """The data is looked at last, parameters are copied when they are read; a detached buffer has no bytes."""
    assert js("""
        const empty = await s.digest("SHA-256", new Uint8Array()), hex = (b) => Array.from(new Uint8Array(b)).join();
        const data = new Uint8Array(4096).fill(7);
        const found = await s.digest({get name() { structuredClone(data.buffer, {transfer: [data.buffer]}); return "SHA-256"; }}, data);
        const key = await s.importKey("raw", new Uint8Array(16), "AES-GCM", true, ["encrypt"]), iv = new Uint8Array(12);
        const params = {name: "AES-GCM", iv, get tagLength() { structuredClone(iv.buffer, {transfer: [iv.buffer]}); return 128; }};
        [hex(found) === hex(empty), await errorOf(() => s.encrypt(params, key, data))]""") == [True, "OperationError"]


def test_key_data_is_copied(js):
    assert js("""
        const raw = new Uint8Array(16).fill(1), k = await s.importKey("raw", raw, "AES-GCM", true, ["encrypt"]);
        raw.fill(2); new Uint8Array(await s.exportKey("raw", k)).fill(3);
        new Uint8Array(await s.exportKey("raw", k))""") == b"\x01" * 16


def test_members_are_read_once(js):
    assert js("""
        let reads = ""; const member = (name, value) => ({get [name]() { reads += name + " "; return value; }, enumerable: true});
        const k = await s.importKey("raw", new Uint8Array(1), "HKDF", false, ["deriveBits"]), e = new Uint8Array();
        const alg = {get salt() { reads += "salt "; return e; }, get info() { reads += "info "; return e; },
                     get hash() { reads += "hash "; return "SHA-1"; }, get name() { reads += "name"; reads += " "; return "HKDF"; }};
        await s.deriveBits(alg, k, 8); reads""") == "name hash info salt "


PATCHES = """
for (const target of [Object.prototype, Array.prototype, String.prototype, Function.prototype, Promise.prototype, Map.prototype, Set.prototype,
    Uint8Array.prototype, Object.getPrototypeOf(Uint8Array.prototype), ArrayBuffer.prototype, DataView.prototype]) {
  for (const name of Object.getOwnPropertyNames(target)) {
    const d = Object.getOwnPropertyDescriptor(target, name);
    if (!d.configurable || name === "constructor" || (target === Promise.prototype && name === "then")) continue;
    if (typeof d.value === "function") Object.defineProperty(target, name, {...d, value() { spied++; throw new Error(name); }});
    else if (d.get) Object.defineProperty(target, name, {...d, get() { spied++; throw new Error(name); }});
  }
}
for (const name of ["hash", "alg", "use", "ext", "curve", "length_", "iv", "counter", "label", "toJSON", "exponent", "extractable", "usages", "d", "k", "kty", "oth", "key_ops", "salt"])
  Object.defineProperty(Object.prototype, name, {configurable: true, get() { polluted.push(name); }, set() { polluted.push(name); }});
for (const name of ["Uint8Array", "ArrayBuffer", "Promise", "DOMException", "JSON", "Object", "Set", "Reflect"]) globalThis[name] = function () { spied++; };
"""


def test_patched_builtins_neither_break_nor_spy(js):
    """What the guest may see is what Web IDL reads: the members of its own parameters."""
    assert js(f"""
        let spied = 0; const polluted = {{__proto__: null, text: "", push(name) {{ this.text += name; }}}};
        const e16 = new Uint8Array(16), one = new Uint8Array([1, 0, 1]), usages = {{[Symbol.iterator]() {{ let i = 0; return {{next: () => ({{done: i > 3, value:
            ["encrypt", "decrypt", "wrapKey", "unwrapKey"][i++]}})}} }}}};
        const signing = {{[Symbol.iterator]() {{ let i = 0; return {{next: () => ({{done: i > 1, value: ["sign", "verify"][i++]}})}} }}}};
        const gcm = {{name: "AES-GCM", iv: e16, additionalData: undefined, tagLength: undefined}};
        {PATCHES}
        const k = await s.importKey("raw", e16, "AES-GCM", true, usages);
        const c = await s.encrypt(gcm, k, e16), p = await s.decrypt(gcm, k, c);
        const wrapped = await s.wrapKey("jwk", k, k, gcm), back = await s.unwrapKey("jwk", wrapped, k, gcm, "AES-GCM", true, usages);
        const pair = await s.generateKey({{name: "RSA-PSS", hash: "SHA-1", modulusLength: 1024, publicExponent: one}}, true, signing);
        const mark = await s.sign({{name: "RSA-PSS", saltLength: 4}}, pair.privateKey, e16);
        const good = await s.verify({{name: "RSA-PSS", saltLength: 4}}, pair.publicKey, mark, e16);
        const jwk = await s.exportKey("jwk", pair.privateKey);
        crypto.getRandomValues(e16); crypto.randomUUID();
        globalThis.found = `${{good}} ${{spied}} ${{polluted.text}} ${{typeof jwk.qi}} ${{typeof back}}`;
        found""") == "true 0  string object"


def test_nothing_is_imported_or_opened_after_the_lock(js):
    """Every operation in one locked worker, and each error: a library that imports something then would be killed."""
    curves = '["P-256", "P-384", "P-521"].map((namedCurve) => ({name: "ECDSA", namedCurve}))'
    assert js(f"""
        const rsa = (name) => ({{name, hash: "SHA-384", modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1])}});
        let count = 0;
        for (const alg of [...{curves}, "Ed25519", "Ed448", rsa("RSA-PSS"), rsa("RSASSA-PKCS1-v1_5")]) {{
          const pair = await s.generateKey(alg, true, ["sign", "verify"]), how = {{name: alg.name ?? alg, hash: "SHA-512", saltLength: 8}};
          const mark = await s.sign(how, pair.privateKey, new Uint8Array(9));
          for (const bad of [mark, mark.slice(1), new ArrayBuffer(0), new ArrayBuffer(mark.byteLength)]) {{ await s.verify(how, pair.publicKey, bad, new Uint8Array(8)); count++; }}
          for (const form of ["pkcs8", "spki", "raw"]) for (const bad of [0, 1, 40, 65, 300])
            if (await errorOf(() => s.importKey(form, new Uint8Array(bad).fill(48), alg, true, [form === "pkcs8" ? "sign" : "verify"])) !== "none") count++;
        }}
        count""") >= 100


def test_a_guest_cannot_reach_the_native_service(js):
    assert js("""
        const seen = new Set(), found = [];
        const walk = (o, path) => {
          if ((typeof o !== "object" && typeof o !== "function") || o === null || seen.has(o) || path.length > 12) return;
          seen.add(o);
          for (const key of Reflect.ownKeys(o)) {
            let d; try { d = Object.getOwnPropertyDescriptor(o, key); } catch { continue; }
            if (key === "compute" || key === "random" && path[0] !== "Math") found.push([...path, String(key)].join("."));
            for (const v of [d.value, d.get, d.set]) if (v) walk(v, [...path, String(key)]);
          }
          walk(Object.getPrototypeOf(o), [...path, "proto"]);
        };
        walk(globalThis, []); found""") == []
