import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'

/** One import in one file, resolved. */
export interface Import {
  readonly from: string
  /** Path from the top folder, or the name of a package (`ws`, `node:net`). */
  readonly to: string
  readonly kind: 'file' | 'package'
  /** Erased before it runs. */
  readonly typeOnly: boolean
  readonly line: number
}

/** Every import of every source below `folders`, read with the compiler's own parser. */
export function readImports(root: string, folders: readonly string[]): Import[] {
  return folders
    .flatMap((folder) => globSync(`${folder}/**/*.{ts,mjs}`, { cwd: root }))
    .sort()
    .flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8'), (path) => existsSync(join(root, path))))
}

/** @throws Error when a relative import leads nowhere. */
export function importsOf(file: string, text: string, exists: (path: string) => boolean): Import[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const imports: Import[] = []
  const add = (specifier: ts.Expression | undefined, typeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return
    const { line } = source.getLineAndCharacterOfPosition(specifier.getStart())
    const name = specifier.text
    if (!name.startsWith('.')) {
      imports.push({ from: file, to: packageName(name), kind: 'package', typeOnly, line: line + 1 })
      return
    }
    const to = relative('.', join(dirname(file), name))
    if (!exists(to)) throw new Error(`${file}:${String(line + 1)} imports ${name}, which is not there`)
    imports.push({ from: file, to, kind: 'file', typeOnly, line: line + 1 })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node.importClause))
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true)
    else if (ts.isCallExpression(node) && (node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === 'require')) add(node.arguments[0], false)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return imports
}

function isTypeImport(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const named = clause.namedBindings
  return clause.name === undefined && named !== undefined && ts.isNamedImports(named) && named.elements.length > 0 && named.elements.every(({ isTypeOnly }) => isTypeOnly)
}

/** `typebox/value` → `typebox`; `@fastify/static/x` → `@fastify/static`; `node:fs/promises` → `node:fs`. */
function packageName(specifier: string): string {
  return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}

/** Files that import each other in a ring at run time; each ring once, from its first file in order of the alphabet. */
export function importCycles(imports: readonly Import[]): string[][] {
  const next = new Map<string, string[]>()
  for (const { from, to, kind, typeOnly } of imports) if (kind === 'file' && !typeOnly) next.set(from, [...(next.get(from) ?? []), to])
  const state = new Map<string, 'open' | 'done'>()
  const cycles: string[][] = []
  const walk = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      cycles.push([...path.slice(path.indexOf(file)), file])
      return
    }
    state.set(file, 'open')
    for (const target of next.get(file) ?? []) walk(target, [...path, file])
    state.set(file, 'done')
  }
  for (const file of [...next.keys()].sort()) walk(file, [])
  return cycles
}
