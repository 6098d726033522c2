// What an evaluation declares at its top level: those names are globals of the guest afterwards, and the next check has to know their types.
import * as ts from "typescript";

/** The names of one statement, and its text. */
export type Declaration = readonly [names: readonly string[], text: string];

export function topLevelDeclarations(file: ts.SourceFile): Declaration[] {
  // What imports or exports is a module to the engine, too: it leaves nothing behind.
  if (file.statements.some((statement) => ts.isImportDeclaration(statement) || isExported(statement))) return [];
  return file.statements.flatMap((statement) => {
    const names = namesOf(statement);
    return names.length > 0 ? [[names, file.text.slice(statement.pos, statement.end).trim()] as const] : [];
  });
}

function isExported(statement: ts.Statement): boolean {
  if (ts.isExportDeclaration(statement) || ts.isExportAssignment(statement)) return true;
  return (
    ts.canHaveModifiers(statement) && (ts.getModifiers(statement) ?? []).some((item) => item.kind === ts.SyntaxKind.ExportKeyword)
  );
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap((item) => bound(item.name));
  const named =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement);
  return named && statement.name !== undefined ? [ts.idText(statement.name)] : [];
}

function bound(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [ts.idText(name)];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? bound(element.name) : []));
}

/** What each text imports, as it is written there. */
export function importsOf(files: readonly (readonly [name: string, text: string])[]): string[][] {
  return files.map(([name, text]) => {
    const file = ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, false);
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      const specifier =
        ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
          ? node.moduleSpecifier
          : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
            ? node.arguments[0]
            : undefined;
      if (specifier !== undefined && ts.isStringLiteral(specifier)) found.push(specifier.text);
      ts.forEachChild(node, visit);
    };
    // Nothing but an `import()` stands deeper than the top.
    const deep = /\bimport\s*\(/.test(text);
    file.statements.filter((node) => deep || ts.isImportDeclaration(node) || ts.isExportDeclaration(node)).forEach(visit);
    return found;
  });
}
