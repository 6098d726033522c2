import { jwtVerify, SignJWT } from "jose";
const key = new TextEncoder().encode("a secret that is long enough to use");
const jwt = await new SignJWT({ a: 1 }).setProtectedHeader({ alg: "HS256" }).setIssuedAt(1000).setExpirationTime(99999999999).sign(key);
const { payload, protectedHeader } = await jwtVerify(jwt, key);
export default [jwt, payload, protectedHeader];
