/** What I have changed of `base`, on top of `theirs`: what the other one changed elsewhere stays. Objects are merged by their fields, lists are one value. */
export function merged<T extends object>(base: T, mine: T, theirs: T): T {
  return Object.fromEntries(Object.entries(theirs).map(([name, value]: [string, unknown]) => {
    const [was, wanted] = [base[name as keyof T], mine[name as keyof T]] as [unknown, unknown]
    if (isFields(value) && isFields(was) && isFields(wanted)) return [name, merged(was, wanted, value)]
    return [name, isSame(was, wanted) ? value : wanted]
  })) as T
}

/** By what they hold. */
export const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const isFields = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)
