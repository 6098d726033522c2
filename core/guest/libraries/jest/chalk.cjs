// Colours are the reporter's business: what crosses to the host is plain text.
const plain = (text) => `${text}`;
const COLOURS = ["bgYellow", "bold", "dim", "green", "inverse", "red", "yellow", "reset", "cyan", "magenta", "hidden", "blue", "gray"];
for (const name of COLOURS) plain[name] = plain;
module.exports = plain;
