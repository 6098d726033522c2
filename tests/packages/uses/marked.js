import { marked } from "marked";
export default marked.parse("# Hi\n\n* a\n* **b**\n\n| x | y |\n|---|---|\n| 1 | `2` |\n");
