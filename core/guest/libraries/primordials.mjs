// Rewrites the text of a library so that it uses built-ins as they were before guest code ran (safe.cjs): names of globals,
// static functions, methods of built-in prototypes, and the iteration protocol.
import { createRequire } from "node:module";
import ts from "typescript";

const { functions, globals, methods, statics } = createRequire(import.meta.url)("./safe.cjs");
const NAMES = {
  functions: "safe$functions",
  globals: "safe$globals",
  methods: "safe$methods",
  statics: "safe$statics",
  iterate: "safe$iterate",
  list: "safe$list",
  newMap: "safe$newMap",
  newSet: "safe$newSet",
};
/** What the engine has and the Node.js that builds may lack. */
const NEWER = new Set([
  "transfer",
  "transferToFixedLength",
  "union",
  "intersection",
  "difference",
  "symmetricDifference",
  "isSubsetOf",
  "isSupersetOf",
  "isDisjointFrom",
]);
const NEWER_STATICS = new Set(["Promise_withResolvers", "Promise_try", "Object_groupBy", "Map_groupBy", "Array_fromAsync"]);
const isMethod = (name) => name in methods || NEWER.has(name);
const isStatic = (name) => name in statics || NEWER_STATICS.has(name);
const COLLECTIONS = { Map: NAMES.newMap, Set: NAMES.newSet };

/** Names that the file gives a meaning of its own, anywhere. */
function declaredNames(file) {
  const names = new Set();
  const bind = (name) => {
    if (ts.isIdentifier(name)) names.add(name.text);
    else for (const element of name.elements) if (!ts.isOmittedExpression(element)) bind(element.name);
  };
  const visit = (node) => {
    const named =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isFunctionLike(node) ||
      ts.isClassLike(node) ||
      ts.isImportClause(node) ||
      ts.isImportSpecifier(node) ||
      ts.isNamespaceImport(node);
    if (
      named &&
      node.name !== undefined &&
      !ts.isMethodDeclaration(node) &&
      !ts.isAccessor(node) &&
      !ts.isPrivateIdentifier(node.name)
    )
      bind(node.name);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}

/** Whether an identifier is the use of a variable. */
function isUse(node) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return false;
  if (
    (ts.isPropertyAssignment(parent) ||
      ts.isMethodDeclaration(parent) ||
      ts.isAccessor(parent) ||
      ts.isPropertyDeclaration(parent)) &&
    parent.name === node
  )
    return false;
  if (ts.isBindingElement(parent) && parent.propertyName === node) return false;
  return !(
    ts.isImportSpecifier(parent) ||
    ts.isExportSpecifier(parent) ||
    ts.isLabeledStatement(parent) ||
    ts.isBreakOrContinueStatement(parent)
  );
}

const hasRest = (pattern) =>
  pattern.elements.some((element) => (ts.isBindingElement(element) ? element.dotDotDotToken : ts.isSpreadElement(element)));

function transformer(declared, used) {
  const isGlobal = (node) => ts.isIdentifier(node) && node.text in globals && !declared.has(node.text);
  return (context) => {
    const { factory } = context;
    const name = (text) => factory.createIdentifier(text);
    const call = (callee, ...args) => factory.createCallExpression(callee, undefined, args);
    const helper = (which, node) => call(name(NAMES[which]), ts.visitNode(node, visit));
    const member = (object, key) => factory.createPropertyAccessExpression(name(NAMES[object]), key);
    const all = (nodes) => nodes.map((node) => ts.visitNode(node, visit));

    function methodCall(node) {
      const { expression: callee } = node;
      if (
        !ts.isPropertyAccessExpression(callee) ||
        node.questionDotToken ||
        callee.questionDotToken ||
        ts.isPrivateIdentifier(callee.name)
      )
        return undefined;
      if (ts.isOptionalChain(callee) || callee.expression.kind === ts.SyntaxKind.SuperKeyword) return undefined;
      const key = callee.name.text;
      if (isGlobal(callee.expression) && isStatic(`${callee.expression.text}_${key}`))
        return call(member("statics", `${callee.expression.text}_${key}`), ...all(node.arguments));
      return isMethod(key)
        ? call(member("methods", key), ts.visitNode(callee.expression, visit), ...all(node.arguments))
        : undefined;
    }

    /** `new Uint8Array([1, 2])` */
    function typedArray(node) {
      const { arguments: list, expression: constructor } = node;
      if (!isGlobal(constructor) || !isStatic(`${constructor.text}_of`) || constructor.text === "Array") return undefined;
      if (list?.length !== 1 || !ts.isArrayLiteralExpression(list[0]) || list[0].elements.some(ts.isSpreadElement))
        return undefined;
      return call(member("statics", `${constructor.text}_of`), ...all(list[0].elements));
    }

    /** `X.method` and `X.prototype.method`, not called. */
    function builtIn(node) {
      const { expression: object } = node;
      if (isGlobal(object) && isStatic(`${object.text}_${node.name.text}`))
        return member("statics", `${object.text}_${node.name.text}`);
      if (!ts.isPropertyAccessExpression(object) || object.name.text !== "prototype" || !isGlobal(object.expression))
        return undefined;
      const key = `${object.expression.text}_${node.name.text}`;
      return key in functions ? member("functions", key) : undefined;
    }

    /** `[a, , b]` as `{0: a, 2: b}`, which does not iterate. */
    function bindingPattern(pattern) {
      const elements = pattern.elements.flatMap((element, index) =>
        ts.isOmittedExpression(element)
          ? []
          : [
              factory.createBindingElement(
                undefined,
                factory.createNumericLiteral(index),
                ts.visitNode(element.name, visit),
                ts.visitNode(element.initializer, visit),
              ),
            ],
      );
      return factory.createObjectBindingPattern(elements);
    }

    function assignmentPattern(literal) {
      const properties = literal.elements.flatMap((element, index) =>
        ts.isOmittedExpression(element)
          ? []
          : [factory.createPropertyAssignment(factory.createNumericLiteral(index), ts.visitNode(element, visit))],
      );
      return factory.createObjectLiteralExpression(properties);
    }

    function visit(node) {
      if (isGlobal(node) && isUse(node)) {
        used.add(node.text);
        return node;
      }
      if (ts.isCallExpression(node)) return methodCall(node) ?? ts.visitEachChild(node, visit, context);
      if (ts.isPropertyAccessExpression(node)) return builtIn(node) ?? ts.visitEachChild(node, visit, context);
      if (
        ts.isNewExpression(node) &&
        isGlobal(node.expression) &&
        node.expression.text in COLLECTIONS &&
        node.arguments?.length === 1
      )
        return call(name(COLLECTIONS[node.expression.text]), ts.visitNode(node.arguments[0], visit));
      if (ts.isNewExpression(node)) return typedArray(node) ?? ts.visitEachChild(node, visit, context);
      if (ts.isSpreadElement(node)) return factory.createSpreadElement(helper("iterate", node.expression));
      if (ts.isForOfStatement(node) && node.awaitModifier === undefined)
        return factory.updateForOfStatement(
          node,
          undefined,
          ts.visitNode(node.initializer, visit),
          helper("iterate", node.expression),
          ts.visitNode(node.statement, visit),
        );
      if (ts.isVariableDeclaration(node) && ts.isArrayBindingPattern(node.name) && node.initializer && !hasRest(node.name))
        return factory.updateVariableDeclaration(
          node,
          bindingPattern(node.name),
          undefined,
          undefined,
          helper("list", node.initializer),
        );
      if (ts.isArrayBindingPattern(node) && !hasRest(node)) return bindingPattern(node);
      if (
        ts.isBinaryExpression(node) &&
        node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
        ts.isArrayLiteralExpression(node.left) &&
        !hasRest(node.left)
      )
        return factory.createParenthesizedExpression(
          factory.createAssignment(assignmentPattern(node.left), helper("list", node.right)),
        );
      return ts.visitEachChild(node, visit, context);
    }
    return (root) => ts.visitNode(root, visit);
  };
}

/** The text of a library (a script or a module) with captured built-ins. */
export function withPrimordials(text, path) {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true, ts.ScriptKind.JS);
  const used = new Set();
  const { transformed } = ts.transform(file, [transformer(declaredNames(file), used)]);
  const body = ts.createPrinter().printFile(transformed[0]);
  const isModule = file.statements.some(
    (node) =>
      ts.isImportDeclaration(node) ||
      ts.isExportDeclaration(node) ||
      ts.isExportAssignment(node) ||
      ts.getModifiers?.(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
  );
  const names = Object.entries(NAMES)
    .map(([theirs, ours]) => (isModule ? `${theirs} as ${ours}` : `${theirs}: ${ours}`))
    .join(", ");
  const source = JSON.stringify("isolate-host:safe");
  const taken = used.size === 0 ? "" : `const { ${[...used].sort().join(", ")} } = ${NAMES.globals};\n`;
  return `${isModule ? `import { ${names} } from ${source};` : `const { ${names} } = require(${source});`}\n${taken}${body}`;
}
