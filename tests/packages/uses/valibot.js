import * as v from "valibot";
const schema = v.object({ email: v.pipe(v.string(), v.email()), n: v.optional(v.number(), 3) });
export default [v.parse(schema, { email: "a@b.co" }), v.safeParse(schema, { email: "x" }).issues.map((issue) => issue.message)];
