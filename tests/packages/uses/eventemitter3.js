import EventEmitter, { EventEmitter as Named } from "eventemitter3";
const emitter = new EventEmitter();
const seen = [];
emitter.on("x", (value) => seen.push(value));
emitter.once("x", () => seen.push("once"));
emitter.emit("x", 1);
emitter.emit("x", 2);
export default [seen, EventEmitter === Named, emitter.listenerCount("x")];
