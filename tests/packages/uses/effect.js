import { Effect, Option, pipe, Schema } from "effect";
const program = Effect.gen(function* () {
  const a = yield* Effect.succeed(20);
  yield* Effect.sleep("1 millis");
  return a + (yield* Effect.promise(async () => 22));
});
export default [await Effect.runPromise(program), pipe(Option.some(2), Option.map((n) => n * 2), Option.getOrElse(() => 0)), Schema.decodeUnknownSync(Schema.NumberFromString)("42")];
