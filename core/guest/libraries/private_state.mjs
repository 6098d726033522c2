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

// Internal methods of controllers ("[[PullSteps]]"), by prototype.
const $$methods = new WeakMap(), $$methodsOf = $$methods.get.bind($$methods);
const { apply: $$apply, getPrototypeOf: $$above } = Reflect;
function $$step(object, key, argument) {
  let own;
  for (let p = $$above(object); own === undefined; p = $$above(p)) own = $$methodsOf(p);
  return $$apply(own[key], object, [argument]);
}
function $$hide({ prototype }) {
  const own = { __proto__: null };
  for (const key of Object.getOwnPropertySymbols(prototype)) {
    if (!key.description.startsWith("[[")) continue;
    own[key] = prototype[key];
    delete prototype[key];
  }
  $$methods.set(prototype, own);
}
`;

const CONTROLLERS = ["ReadableStreamDefaultController", "ReadableByteStreamController", "WritableStreamDefaultController"];

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

/** The names of the constants that hold symbols of internal methods. */
function stepNames(file) {
  const names = new Set();
  const visit = (node) => {
    if (ts.isVariableDeclaration(node) && /^Symbol\("\[\[\w+\]\]"\)$/.test(node.initializer?.getText() ?? ""))
      names.add(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}

/** `controller[$PullSteps](request)` */
function stepCall(node, steps) {
  if (!ts.isCallExpression(node) || !ts.isElementAccessExpression(node.expression) || node.arguments.length > 1) return false;
  const { argumentExpression } = node.expression;
  return ts.isIdentifier(argumentExpression) && steps.has(argumentExpression.text);
}

export function withPrivateState(text) {
  const file = ts.createSourceFile("library.mjs", text, ts.ScriptTarget.ES2022, true);
  const internal = internalNames(file);
  const steps = stepNames(file);
  let stepped = 0;
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
      if (stepCall(node, steps)) {
        stepped++;
        const { argumentExpression, expression } = node.expression;
        const rest = node.arguments.map((argument) => ts.visitNode(argument, visit));
        return call("$$step", ts.visitNode(expression, visit), argumentExpression, ...rest);
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
  if (moved === 0 || brands === 0 || stepped < steps.size) throw new Error("the library keeps its state in another way now");
  const hidden = CONTROLLERS.map((name) => `$$hide(${name});`).join("\n");
  return `${HELPERS}${ts.createPrinter().printFile(transformed[0])}\n${hidden}\nexport { $$of as privateState };\n`;
}
