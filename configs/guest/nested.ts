// Runs the text of a program in a runtime of its own, and the tests of it in another.
import { createIsolateHost } from "isolate-host";

const program = "globalThis.twice = (n) => 2 * n; await report('ready')";
const tests = "test('twice', () => expect(2 * 21).toBe(42))";

const host = createIsolateHost();
const child = await host.createRuntime({
  memoryLimitMB: 32,
  bindings: { tools: { report: (text: string) => console.log("the program says:", text) } },
});
await child.eval(program);
console.log("twice 4:", await child.eval("twice(4)"));

const tested = await host.createTestRuntime();
const { passed, failed } = await tested.run(tests);
console.log(`tests: ${passed} passed, ${failed} failed`);
await host.close();
