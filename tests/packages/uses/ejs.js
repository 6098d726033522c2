import ejs from "ejs";
export default ejs.render("<% for (const x of list) { %><%= x %>;<% } %> <%- raw %>", { list: ["<", 2], raw: "<i>" });
