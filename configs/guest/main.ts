import { mode } from "@/env";
import limits from "@/limits" with { type: "json" };
import { shout } from "@app/lib/text";

console.log(shout(`mode ${mode}, at most ${limits.items} items`));
