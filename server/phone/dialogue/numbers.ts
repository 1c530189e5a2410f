import type { PhoneLanguage } from '../../../control/ports.ts'

const VI = ['không', 'một', 'hai', 'ba', 'bốn', 'năm', 'sáu', 'bảy', 'tám', 'chín']
const VI_GROUPS = ['', ' nghìn', ' triệu']

/** The last digit after tens is another word: hai mươi mốt, ba mươi tư, mười lăm. */
function viTens(tens: number, ones: number): string {
  if (tens === 0) return VI[ones]!
  const head = tens === 1 ? 'mười' : `${VI[tens]!} mươi`
  if (ones === 0) return head
  if (ones === 5) return `${head} lăm`
  if (tens > 1 && ones === 1) return `${head} mốt`
  if (tens > 1 && ones === 4) return `${head} tư`
  return `${head} ${VI[ones]!}`
}

/** @param isLed something stands before it, so that its hundreds are said also when there are none */
function viGroup(value: number, isLed: boolean): string {
  const [hundreds, tens, ones] = [Math.floor(value / 100), Math.floor(value / 10) % 10, value % 10]
  if (hundreds === 0 && !isLed) return viTens(tens, ones)
  const head = `${VI[hundreds]!} trăm`
  if (tens === 0) return ones === 0 ? head : `${head} linh ${VI[ones]!}`
  return `${head} ${viTens(tens, ones)}`
}

function vietnamese(value: number): string {
  if (value === 0) return VI[0]!
  const groups = [value % 1000, Math.floor(value / 1000) % 1000, Math.floor(value / 1_000_000)]
  const words: string[] = []
  for (let at = groups.length - 1; at >= 0; at -= 1) {
    const group = groups[at]!
    if (group !== 0) words.push(`${viGroup(group, words.length > 0)}${VI_GROUPS[at]!}`)
  }
  return words.join(' ')
}

const EN = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen']
const EN_TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety']

function enGroup(value: number): string {
  if (value < 20) return EN[value]!
  if (value < 100) return `${EN_TENS[Math.floor(value / 10)]!}${value % 10 === 0 ? '' : `-${EN[value % 10]!}`}`
  return `${EN[Math.floor(value / 100)]!} hundred${value % 100 === 0 ? '' : ` and ${enGroup(value % 100)}`}`
}

function english(value: number): string {
  const [millions, thousands, rest] = [Math.floor(value / 1_000_000), Math.floor(value / 1000) % 1000, value % 1000]
  const words = [...(millions > 0 ? [`${enGroup(millions)} million`] : []), ...(thousands > 0 ? [`${enGroup(thousands)} thousand`] : [])]
  if (rest > 0 || words.length === 0) words.push(words.length > 0 && rest < 100 ? `and ${enGroup(rest)}` : enGroup(rest))
  return words.join(' ')
}

/** A count in words, as people say it. @param value a whole number from 0 to 999 999 999 */
export const numberWords = (value: number, language: PhoneLanguage): string => (language === 'vi' ? vietnamese(value) : english(value))
