import { parse } from "csv-parse/sync";
export default parse("a;b\n1;'x;y'\n", { columns: true, delimiter: ";", quote: "'" });
