import Mustache from "mustache";
export default Mustache.render("{{#list}}<{{.}}>{{/list}} {{&html}} {{html}} {{> p}}", { list: [1, 2], html: "<b>", who: "x" }, { p: "hi {{who}}" });
