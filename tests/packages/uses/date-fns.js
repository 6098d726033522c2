import { addDays, differenceInCalendarDays, format, parseISO } from "date-fns";
import { de } from "date-fns/locale";
const day = parseISO("2024-02-28T12:00:00");
export default [format(addDays(day, 2), "yyyy-MM-dd EEEE", { locale: de }), differenceInCalendarDays(parseISO("2024-03-05"), day)];
