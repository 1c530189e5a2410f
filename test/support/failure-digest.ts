const MOST_DIAGNOSTIC_LINES = 25
const MOST_FAILURES = 5
/** tap gives subtests a time, and assertions none. */
const FAILED_ASSERTION = /^( *)not ok \d+ - (?!.* # time=)(.*)$/
const SUBTEST = /^( *)# Subtest: (.*)$/

/**
 * What went wrong, from a file's TAP output: each assertion that failed, below the names of the tests it stands in, with the
 * first lines of its diagnostics. It is repeated at the end of a run, since of a long log often only the end is kept.
 */
export function failureDigest(output: string): readonly string[] {
  const digest: string[] = []
  const names = new Map<number, string>()
  const lines = output.split('\n')
  let failures = 0
  for (const [at, line] of lines.entries()) {
    const [, indent, name] = SUBTEST.exec(line) ?? []
    if (indent !== undefined && name !== undefined) {
      for (const deeper of names.keys()) if (deeper >= indent.length) names.delete(deeper)
      names.set(indent.length, name)
    }
    const [, depth, message] = FAILED_ASSERTION.exec(line) ?? []
    if (depth === undefined || message === undefined || ++failures > MOST_FAILURES) continue
    const path = [...names].filter(([nameDepth]) => nameDepth < depth.length).map(([, text]) => text)
    digest.push([...path, message].join(' > '), ...diagnostics(lines, at + 1, depth.length))
  }
  if (failures > MOST_FAILURES) digest.push(`… and ${String(failures - MOST_FAILURES)} more`)
  return digest
}

/** The lines between `---` and `...` that follow an assertion. */
function diagnostics(lines: readonly string[], from: number, depth: number): readonly string[] {
  if (lines[from]?.trim() !== '---') return []
  const end = lines.indexOf(`${' '.repeat(depth + 2)}...`, from)
  const block = lines.slice(from + 1, end < 0 ? from + 1 + MOST_DIAGNOSTIC_LINES : end)
  const shown = block.slice(0, MOST_DIAGNOSTIC_LINES).map((line) => `  ${line.slice(depth + 2)}`)
  return block.length > shown.length ? [...shown, `  … ${String(block.length - shown.length)} lines more`] : shown
}
