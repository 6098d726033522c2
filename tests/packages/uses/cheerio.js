import * as cheerio from "cheerio";
const $ = cheerio.load("<ul id=fruits><li class=apple>Apple<li class=pear>Pear</ul>");
$("li").attr("data-x", (i) => `${i}`);
export default [$(".apple").text(), $("#fruits > li:nth-child(2)").html(), $.html()];
