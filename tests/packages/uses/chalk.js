import { Chalk } from "chalk";
const chalk = new Chalk({ level: 3 });
export default [chalk.red.bold("x"), chalk.hex("#abcdef").underline(`a${chalk.blue("b")}c`), new Chalk({ level: 0 }).green("plain")];
