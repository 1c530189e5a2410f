import { invalid } from './validation.ts'

/**
 * A name as it is kept: Unicode NFC, so that the same Vietnamese word is the same bytes whoever typed it, and without blanks around it.
 * @throws ApiError LOA_ERR_INVALID for a blank name or one with control characters, which would break headers and logs
 */
export function cleanText(path: string, text: string): string {
  const clean = text.normalize('NFC').trim()
  if (clean === '') throw invalid([{ path, message: 'must not be blank', messageVi: 'không được để trống' }])
  if (/\p{Cc}|\p{Zl}|\p{Zp}/u.test(clean)) throw invalid([{ path, message: 'must not contain control characters', messageVi: 'không được chứa ký tự điều khiển' }])
  return clean
}

/**
 * For searching in any case and without accents. Đ is a letter of its own in Unicode and does not come apart, but people type d for it.
 */
export const foldText = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll('đ', 'd')

/** Tags in NFC, each once. */
export const cleanTags = (tags: readonly string[]): readonly string[] => [...new Set(tags.map((tag) => tag.normalize('NFC')))]
