import Papa from "papaparse";
export default [Papa.parse('a,b\n1,"x, ""y"""\n2,z', { header: true, dynamicTyping: true }).data, Papa.unparse([{ a: 1, b: "q,r" }])];
