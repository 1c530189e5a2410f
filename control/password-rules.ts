import { ApiError } from './problem.ts'

export const MIN_PASSWORD_CHARACTERS = 12
export const MAX_PASSWORD_CHARACTERS = 200

/**
 * What people build long but common passwords of: the words that lead every published list of leaked passwords, what Vietnamese lists add to them
 * (without accents, as they are typed), and the words of this trade. Our own choice; a password is refused when hardly anything is left of it
 * once these, runs of keys, years and digits are taken away.
 */
const COMMON_WORDS = [
  'password', 'passw', 'pass', 'admin', 'administrator', 'root', 'user', 'login', 'welcome', 'letmein', 'changeme', 'default', 'secret', 'master', 'dragon', 'monkey', 'sunshine', 'princess',
  'football', 'superman', 'iloveyou', 'love', 'trustno', 'hello', 'test', 'demo', 'guest', 'system', 'server', 'samsung', 'google', 'facebook', 'zalo', 'viettel', 'vnpt', 'mobifone', 'vinaphone',
  'matkhau', 'mat', 'khau', 'taikhoan', 'quantri', 'nguoidung', 'dangnhap', 'khongbiet', 'xinchao', 'anhyeuem', 'emyeuanh', 'yeuem', 'yeuanh', 'anh', 'em', 'yeu', 'vietnam', 'hanoi', 'saigon', 'danang', 'hochiminh', 'bacho',
  'gia', 'dinh', 'giadinh', 'me', 'bo', 'con', 'toi', 'nguyen', 'tran', 'le', 'pham', 'tuan', 'hung', 'minh', 'linh', 'huong', 'thanh', 'phuong',
  'loa', 'loaphuong', 'truyenthanh', 'phatthanh', 'daitruyenthanh', 'dai', 'truyen', 'phat', 'phuong', 'xa', 'huyen', 'tinh', 'thon', 'ubnd', 'ubndxa', 'uyban', 'vanhoa', 'thongtin', 'coso', 'canhbao', 'khancap',
] as const
const LONGEST_FIRST = [...new Set<string>(COMMON_WORDS)].sort((a, b) => b.length - a.length)

/** Keys beside each other, forwards and backwards. */
const KEY_ROWS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'abcdefghijklmnopqrstuvwxyz', '1qaz2wsx3edc4rfv', 'qazwsxedcrfv', '0123456789']
const KEY_RUNS = KEY_ROWS.flatMap((row) => [row, [...row].reverse().join('')])
const SHORTEST_RUN = 4

const LEET: Readonly<Record<string, string>> = { '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', $: 's', '!': 'i' }
/** A password must hold this many characters, letters or signs, that are not foreseen. */
const LEAST_LEFT = 5

/** In the place of what was taken away; a password that is looked at holds none. */
const GONE = ' '

/** Without accents and case, đ as d: `Mật khẩu` is `matkhau`. */
const plain = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll('đ', 'd').replaceAll(/[\s._-]/g, '')

/** How much of the password was not to be foreseen. */
function left(text: string, known: readonly string[]): number {
  let rest = text
  for (const word of known) rest = rest.replaceAll(word, GONE)
  rest = withoutRuns(rest)
  // Digits before and after a word are what everybody adds; the same sign again adds nothing.
  rest = rest.replaceAll(/(?<=^| )\d+|\d+(?=$| )| /g, '')
  return new Set(rest).size
}

function withoutRuns(text: string): string {
  let rest = text
  for (const row of KEY_RUNS) {
    for (let length = row.length; length >= SHORTEST_RUN; length--) {
      for (let start = 0; start + length <= row.length; start++) rest = rest.replaceAll(row.slice(start, start + length), GONE)
    }
  }
  return rest
}

/**
 * Why a password is refused, or null.
 * @param own words that everybody knows of its owner: his login, his name
 */
export function passwordWeakness(password: string, own: readonly string[]): { readonly message: string; readonly messageVi: string } | null {
  const text = password.normalize('NFC')
  if ([...text].length < MIN_PASSWORD_CHARACTERS) return { message: `must have at least ${String(MIN_PASSWORD_CHARACTERS)} characters`, messageVi: `phải có ít nhất ${String(MIN_PASSWORD_CHARACTERS)} ký tự` }
  const ownWords = own.flatMap((words) => [plain(words), ...words.split(/[\s._@-]+/).map(plain)]).filter((word) => word.length >= 2)
  const known = [...ownWords.sort((a, b) => b.length - a.length), ...LONGEST_FIRST]
  const bare = plain(text)
  const readings = [bare, [...bare].map((sign) => LEET[sign] ?? sign).join('')]
  if (readings.some((reading) => left(reading, known) < LEAST_LEFT)) {
    return { message: 'is one of those that are tried first: made of common words, names, rows of keys or digits', messageVi: 'quá dễ đoán: gồm từ thông dụng, tên, dãy phím hoặc chữ số' }
  }
  return null
}

/** @throws ApiError LOA_ERR_WEAK_PASSWORD */
export function checkPassword(path: string, password: string, own: readonly string[]): void {
  const weakness = passwordWeakness(password, own)
  if (weakness !== null) throw new ApiError('LOA_ERR_WEAK_PASSWORD', `${path} ${weakness.message}`, `${path} ${weakness.messageVi}`, { errors: [{ path, ...weakness }] })
}
