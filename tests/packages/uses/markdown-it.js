import MarkdownIt from "markdown-it";
export default new MarkdownIt({ html: false, linkify: true, typographer: true }).render('# "Hi"\n\nsee https://x.org -- <b>\n\n1. a\n2. b\n');
