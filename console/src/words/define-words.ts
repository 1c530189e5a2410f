/** Texts of one part of the console by key, in ICU MessageFormat. */
export interface Words<Key extends string> {
  readonly vi: Readonly<Record<Key, string>>
  readonly en: Readonly<Record<Key, string>>
}

/**
 * The texts of a screen or a part, Vietnamese first; English must have the same keys, which the compiler checks and test/console/words.test.ts too.
 *
 *   export const words = defineWords({ vi: { clusters: '{count} cụm loa' }, en: { clusters: '{count, plural, one {# cluster} other {# clusters}}' } })
 */
export function defineWords<const Vi extends Readonly<Record<string, string>>, En extends Readonly<Record<keyof Vi, string>>>(texts: { readonly vi: Vi; readonly en: En & Readonly<Record<Exclude<keyof En, keyof Vi>, never>> }): Words<keyof Vi & string> {
  return texts
}
