import BigNumber from "bignumber.js";
export default [new BigNumber("123456789012345678901234567890").times(3).toFixed(), new BigNumber(1).div(3).decimalPlaces(10).toString()];
