/** For searching: without accents and case, so that `da nang` finds `Đà Nẵng`; `đ` does not come apart by itself. */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('đ', 'd').replaceAll('Đ', 'D').toLowerCase()
}

/** Whether every word of the question stands somewhere in the text, in any order. */
export function matches(text: string, question: string): boolean {
  const folded = fold(text)
  return fold(question).split(/\s+/).every((word) => folded.includes(word))
}
