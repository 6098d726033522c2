// Holds the kernel and the plugins' guest scripts to the rule of primordials.ts: nothing that guest code can replace is
// called or iterated. A line above with `lint: …` gives the reason for an exception.
import { relative } from "node:path";
import ts from "typescript";

const config = ts.getParsedCommandLineOfConfigFile("tsconfig.json", {}, { ...ts.sys, onUnRecoverableConfigFileDiagnostic() {} });
const program = ts.createProgram(config.fileNames, config.options);
const checker = program.getTypeChecker();
const findings = [];

// The test framework stands on libraries that use built-ins as test code sees them, and only test code can suffer from it (docs/adr/0014-expect.md).
// So it is with the browser: what its proxies send is judged in the host, whoever wrote it (docs/adr/0016-browser.md).
const EXEMPT = /\/primordials\.ts$|\/plugins\/tests\/guest\/framework\/|\/plugins\/browser\/guest\/library\//;
const isChecked = (file) => /\/(core\/guest\/src|plugins\/[^/]+\/guest)\//.test(file.fileName) && !EXEMPT.test(file.fileName);
const fromLibrary = (symbol) =>
  symbol?.declarations?.some((item) => /\/lib\.[^/]*\.d\.ts$/.test(item.getSourceFile().fileName)) === true;

function excused(node, file) {
  const { line } = file.getLineAndCharacterOfPosition(node.getStart());
  const above = file.text.split("\n")[line - 1] ?? "";
  return above.includes("// lint: ");
}

function report(node, message) {
  const file = node.getSourceFile();
  if (excused(node, file)) return;
  const { line, character } = file.getLineAndCharacterOfPosition(node.getStart());
  findings.push(`${relative(process.cwd(), file.fileName)}:${line + 1}:${character + 1}: ${message}`);
}

function inspect(node) {
  if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isImportDeclaration(node))
    return;
  if (ts.isForOfStatement(node)) report(node, "for…of runs the iteration protocol");
  if (ts.isForInStatement(node)) report(node, "for…in sees what guest code put on prototypes");
  if (ts.isSpreadElement(node)) report(node, "spread runs the iteration protocol");
  if (ts.isArrayBindingPattern(node)) report(node, "array destructuring runs the iteration protocol");
  if (ts.isAwaitExpression(node)) report(node, "await looks up constructor and then");
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const symbol = checker.getSymbolAtLocation(node.expression.name);
    if (fromLibrary(symbol)) report(node, `.${symbol.name}() is looked up where guest code can patch it`);
  }
  if (ts.isIdentifier(node) && isGlobalValue(node)) report(node, `the global '${node.text}' belongs to guest code`);
  ts.forEachChild(node, inspect);
}

const ALWAYS_SAFE = new Set(["undefined", "arguments", "NaN", "Infinity"]);

function isGlobalValue(node) {
  if (ALWAYS_SAFE.has(node.text)) return false;
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return false;
  if (
    (ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent) || ts.isPropertyDeclaration(parent)) &&
    parent.name === node
  )
    return false;
  if (ts.isBindingElement(parent) && (parent.propertyName ?? parent.name) === node) return false;
  if (ts.isAccessor(parent) || ts.isBindingElement(parent)) return false;
  const symbol = checker.getSymbolAtLocation(node);
  return symbol !== undefined && (symbol.flags & ts.SymbolFlags.Value) !== 0 && fromLibrary(symbol);
}

for (const file of program.getSourceFiles()) if (isChecked(file)) inspect(file);
for (const finding of findings) console.error(finding);
if (findings.length > 0) process.exit(1);
