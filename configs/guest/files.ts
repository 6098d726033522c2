// Reads what is mounted, changes what may be changed, and sees what is refused.
import { readFile, readdir, writeFile } from "node:fs/promises";

const data = await getDirectory("/data");
const limits = await (await data.getFileHandle("limits.json")).getFile();
console.log(limits.name, limits.type, JSON.parse(await limits.text()));

await writeFile("/project/limits.json", "{}");
console.log("in /project:", await readFile("/project/limits.json", "utf8"));
console.log("in /data:", (await readFile("/data/limits.json", "utf8")).length > 2);

await writeFile("/tmp/note.txt", "scratch");
console.log("in /tmp:", (await readdir("/tmp")).join());

await writeFile("/data/limits.json", "{}").catch((error) => console.log("refused:", error.code));
