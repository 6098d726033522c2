import { Hono } from "hono";
import { cors } from "hono/cors";
const app = new Hono();
app.use("*", cors());
app.get("/hi/:name", (c) => c.json({ hello: c.req.param("name"), q: c.req.query("q") }));
const response = await app.request("http://x/hi/ann?q=1");
export default [response.status, await response.json(), response.headers.get("access-control-allow-origin"), (await app.request("http://x/none")).status];
