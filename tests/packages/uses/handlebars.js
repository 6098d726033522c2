import Handlebars from "handlebars";
Handlebars.registerHelper("up", (text) => text.toUpperCase());
const template = Handlebars.compile("{{#each items}}{{up name}}{{#unless @last}}, {{/unless}}{{/each}} {{{raw}}} {{raw}}");
export default template({ items: [{ name: "a" }, { name: "b" }], raw: "<i>" });
