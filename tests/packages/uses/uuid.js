import { parse, stringify, v4, v5, validate, version } from "uuid";
export default [v5("hello", v5.DNS), validate(v4()), version(v4()), stringify(parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8"))];
