import { assign, createActor, createMachine } from "xstate";
const machine = createMachine({ id: "m", initial: "off", context: { n: 0 }, states: { off: { on: { GO: { target: "on", actions: assign({ n: ({ context }) => context.n + 1 }) } } }, on: { on: { GO: "off" } } } });
const actor = createActor(machine).start();
actor.send({ type: "GO" });
export default [actor.getSnapshot().value, actor.getSnapshot().context];
