import { AutoRouter, json } from "itty-router";
const router = AutoRouter();
router.get("/todos/:id", ({ params }) => json({ id: params.id }));
const response = await router.fetch(new Request("http://x/todos/7"));
export default [response.status, await response.json(), (await router.fetch(new Request("http://x/"))).status];
