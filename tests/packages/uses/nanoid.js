import { customAlphabet, nanoid } from "nanoid";
export default [nanoid().length, /^[\w-]+$/.test(nanoid(50)), customAlphabet("a", 5)()];
