import iconv from "iconv-lite";
export default [[...iconv.encode("Grüße €", "win1252")], iconv.decode(new Uint8Array([0x82, 0xa0]), "Shift_JIS"), iconv.encodingExists("latin1")];
