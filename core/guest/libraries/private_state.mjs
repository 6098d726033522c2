// Moves the `_fields` of a library's objects into records that only the library can reach: `stream._state` becomes
// `$(stream)._state`, where `$` finds the record in a private field that it stamps on the object. Names that the library
// also uses as methods or in object literals stay as they are: those objects never leave it.
import ts from "typescript";

const HELPERS = `
class Returned { constructor(object) { return object; } }
class Record$ {}
Object.setPrototypeOf(Record$.prototype, null);
class Private extends Returned {
  #record = new Record$();
  static of(object) { return #record in object ? object.#record : (new Private(object), object.#record); }
  static has(object, name) { return #record in object && name in object.#record; }
}
const $$of = Private.of, $$has = Private.has;
`;

const isField = (name) => /^_[a-z]/.test(name);

/** Names that belong to objects of the library's own. */
function internalNames(file) {
  const names = new Set();
  const visit = (node) => {
    if ((ts.isMethodDeclaration(node) || ts.isPropertyAssignment(node)) && ts.isIdentifier(node.name)) names.add(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}

/** `Object.prototype.hasOwnProperty.call(x, "_field")` */
function brandCheck(node) {
  if (!ts.isCallExpression(node) || node.arguments.length !== 2) return false;
  return node.expression.getText() === "Object.prototype.hasOwnProperty.call" && isField(node.arguments[1].text ?? "");
}

export function withPrivateState(text) {
  const file = ts.createSourceFile("library.mjs", text, ts.ScriptTarget.ES2022, true);
  const internal = internalNames(file);
  let moved = 0;
  let brands = 0;
  const transformer = (context) => {
    const { factory } = context;
    const call = (name, ...args) => factory.createCallExpression(factory.createIdentifier(name), undefined, args);
    const visit = (node) => {
      if (brandCheck(node)) {
        brands++;
        return call("$$has", ts.visitNode(node.arguments[0], visit), node.arguments[1]);
      }
      if (ts.isPropertyAccessExpression(node) && isField(node.name.text) && !internal.has(node.name.text)) {
        moved++;
        return factory.createPropertyAccessExpression(call("$$of", ts.visitNode(node.expression, visit)), node.name);
      }
      return ts.visitEachChild(node, visit, context);
    };
    return (root) => ts.visitNode(root, visit);
  };
  const { transformed } = ts.transform(file, [transformer]);
  if (moved === 0 || brands === 0) throw new Error("the library keeps its state in another way now");
  return `${HELPERS}${ts.createPrinter().printFile(transformed[0])}\nexport { $$of as privateState };\n`;
}
