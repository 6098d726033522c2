import React, { createElement, useState } from "react";
import { renderToStaticMarkup, renderToString } from "react-dom/server";
function Counter({ start }) {
  const [n] = useState(start);
  return createElement("b", { className: "c", style: { color: "red" } }, n, " & ", createElement(React.Fragment, null, "<x>"));
}
export default [renderToStaticMarkup(createElement(Counter, { start: 3 })), renderToString(createElement("p", { hidden: true }, ["a", "b"])), React.version];
