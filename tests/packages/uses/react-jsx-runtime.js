import { jsx, jsxs } from "react/jsx-runtime";
import { renderToStaticMarkup } from "react-dom/server";
export default renderToStaticMarkup(jsxs("ul", { children: [jsx("li", { children: "a" }, "1"), jsx("li", { children: "b" }, "2")] }));
