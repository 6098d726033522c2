import * as estree from "prettier/plugins/estree";
import * as babel from "prettier/plugins/babel";
import { format } from "prettier/standalone";
export default await format("const a={b:1,c:[1,2,3]};function f(x){return x}", { parser: "babel", plugins: [babel, estree] });
