import dayjs from "dayjs";
import relativeTime from "dayjs/plugin/relativeTime.js";
import utc from "dayjs/plugin/utc.js";
dayjs.extend(relativeTime);
dayjs.extend(utc);
export default [dayjs.utc("2024-01-31").add(1, "month").format("YYYY-MM-DD"), dayjs.utc("2024-01-01").from(dayjs.utc("2024-01-05"))];
