import { Command } from "commander";
const program = new Command("tool").exitOverride().option("-n, --number <n>", "how many", Number.parseInt, 1).argument("<file>").action(() => {});
program.parse(["-n", "5", "in.txt"], { from: "user" });
export default [program.opts(), program.args, program.helpInformation().split("\n")[0]];
