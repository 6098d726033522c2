import { z } from "zod";
const User = z.object({ name: z.string().min(2), age: z.number().int().optional(), tags: z.array(z.enum(["a", "b"])) });
const bad = User.safeParse({ name: "x", age: 1.5, tags: ["c"] });
export default [User.parse({ name: "Ann", tags: ["a"] }), bad.success, bad.error.issues.map((issue) => [issue.code, issue.path.join(".")])];
