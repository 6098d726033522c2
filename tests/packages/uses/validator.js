import validator from "validator";
import isEmail from "validator/lib/isEmail.js";
export default [validator.isURL("https://x.org/a?b"), validator.isIBAN("DE89370400440532013000"), isEmail.default("a@b"), validator.escape("<a>"), validator.isMobilePhone("+491701234567", "de-DE")];
