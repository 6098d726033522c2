import { XMLBuilder, XMLParser } from "fast-xml-parser";
const data = new XMLParser({ ignoreAttributes: false }).parse('<r><a x="1">t</a><a>u</a></r>');
export default [data, new XMLBuilder({ ignoreAttributes: false }).build(data)];
