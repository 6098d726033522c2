import { DOMParser, parseHTML } from "linkedom";
const { document } = parseHTML("<!doctype html><ul id=list><li class=a>one<li>two</ul>");
const added = document.createElement("li");
added.textContent = "three & more";
document.querySelector("#list").append(added);
const xml = new DOMParser().parseFromString("<a><b n='1'>x</b>y<!-- c --></a>", "text/xml");
const page = new DOMParser().parseFromString("<p>hello <b>you</b></p>", "text/html");
let heard = 0;
added.addEventListener("click", () => heard++);
added.dispatchEvent(new (document.defaultView.Event)("click"));
export default [
  [...document.querySelectorAll("li")].map((item) => item.textContent),
  document.querySelector("li.a").matches("ul > .a"),
  xml.documentElement.tagName,
  xml.querySelector("b").getAttribute("n"),
  xml.documentElement.textContent,
  page.querySelector("b").parentNode.localName,
  added.outerHTML,
  heard,
];
