import Decimal from "decimal.js";
export default [new Decimal("0.1").plus("0.2").toString(), Decimal.sqrt(2).toFixed(15), new Decimal("1e400").times(3).toString()];
