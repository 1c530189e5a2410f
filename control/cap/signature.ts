import { createHash, sign, timingSafeEqual, verify, type KeyObject } from 'node:crypto'
import { canonicalXml } from './c14n.ts'
import type { CapKey } from './cap-keys.ts'
import { SIGNATURE_NAMESPACE } from './cap-reader.ts'
import { elementsOf, textOf, type XmlElement } from './xml.ts'

/**
 * What is to be said of the signature of a message. `broken`: there is one and it is not right, so the message was changed on its way or is not
 * from whom it says it is. `unusable`: none of the forms that are taken, so nothing can be said.
 */
export type SignatureVerdict =
  | { readonly verdict: 'valid'; readonly fingerprint: string }
  | { readonly verdict: 'absent' }
  | { readonly verdict: 'broken' | 'unusable'; readonly why: string }

const ENVELOPED = `${SIGNATURE_NAMESPACE}enveloped-signature`
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const INCLUSIVE = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#'

/** An empty reference leaves comments out whatever the method says, and of a SignedInfo with comments the digest would not fit. */
const METHODS: Readonly<Record<string, { readonly exclusive: boolean }>> = {
  [EXCLUSIVE]: { exclusive: true },
  [`${EXCLUSIVE}WithComments`]: { exclusive: true },
  [INCLUSIVE]: { exclusive: false },
  [`${INCLUSIVE}#WithComments`]: { exclusive: false },
}

/** W3C XML Signature 1.1 and RFC 9231. SHA-1 and keyed hashes are left out on purpose. */
const DIGESTS: Readonly<Record<string, string>> = {
  'http://www.w3.org/2001/04/xmlenc#sha256': 'sha256',
  [`${MORE}sha384`]: 'sha384',
  'http://www.w3.org/2001/04/xmlenc#sha512': 'sha512',
}
const ALGORITHMS: Readonly<Record<string, { readonly kind: CapKey['kind']; readonly hash: string | null }>> = {
  [`${MORE}rsa-sha256`]: { kind: 'rsa', hash: 'sha256' },
  [`${MORE}rsa-sha384`]: { kind: 'rsa', hash: 'sha384' },
  [`${MORE}rsa-sha512`]: { kind: 'rsa', hash: 'sha512' },
  [`${MORE}ecdsa-sha256`]: { kind: 'ec', hash: 'sha256' },
  [`${MORE}ecdsa-sha384`]: { kind: 'ec', hash: 'sha384' },
  [`${MORE}ecdsa-sha512`]: { kind: 'ec', hash: 'sha512' },
  'http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519': { kind: 'ed25519', hash: null },
}

class Unusable extends Error {}

/**
 * Verifies the enveloped signature of a message (CAP 1.2, 3.3.2.1; XML Signature 1.1) with keys that were registered; what the message brings of
 * keys counts for nothing. Taken is one form only: one Signature, right below the root, with one reference, to the whole document by the empty
 * URI, less the Signature itself. So what was signed is all that `readCap` reads of this very tree, and nothing can be wrapped around it.
 * @param root the tree that the message was read from
 * @param nowMs keys from certificates count only while these are valid
 */
export function verifyCap(root: XmlElement, keys: readonly CapKey[], nowMs: number): SignatureVerdict {
  const signatures = findSignatures(root)
  const [signature] = signatures
  if (signature === undefined) return { verdict: 'absent' }
  try {
    if (signatures.length > 1 || !root.children.includes(signature)) throw new Unusable('there must be one Signature, right below the root')
    return check(root, signature, keys, nowMs)
  } catch (error) {
    if (error instanceof Unusable) return { verdict: 'unusable', why: error.message }
    throw error
  }
}

function check(root: XmlElement, signature: XmlElement, keys: readonly CapKey[], nowMs: number): SignatureVerdict {
  const signedInfo = only(signature, 'SignedInfo')
  const reference = only(signedInfo, 'Reference')
  if (attribute(reference, 'URI') !== '') throw new Unusable('the Reference must have the URI "", the whole document')
  const digestHash = known(DIGESTS, only(reference, 'DigestMethod'), 'digest')
  const algorithm = known(ALGORITHMS, only(signedInfo, 'SignatureMethod'), 'signature')
  const signedForm = canonicalXml(signedInfo, { ...formOf(only(signedInfo, 'CanonicalizationMethod')), inherited: new Map([...root.declares, ...signature.declares]) })

  const digest = createHash(digestHash).update(canonicalXml(root, { ...formOfReference(reference), without: signature }), 'utf8').digest()
  if (!isEqual(digest, base64Of(only(reference, 'DigestValue')))) return { verdict: 'broken', why: 'the message is not the one that was signed: the digest is another' }

  const value = base64Of(only(signature, 'SignatureValue'))
  const fitting = keys.filter(({ kind }) => kind === algorithm.kind)
  const signer = fitting.find(({ publicKey }) => verify(algorithm.hash, Buffer.from(signedForm, 'utf8'), { key: publicKey, dsaEncoding: 'ieee-p1363' }, value))
  if (signer === undefined) return { verdict: 'broken', why: 'it was made by none of the keys registered for the sender' }
  if ((signer.notBeforeMs !== null && nowMs < signer.notBeforeMs) || (signer.notAfterMs !== null && nowMs >= signer.notAfterMs)) return { verdict: 'broken', why: 'the certificate registered for the sender is not valid now' }
  return { verdict: 'valid', fingerprint: signer.fingerprint }
}

/** Anywhere in the document. */
function findSignatures(root: XmlElement): XmlElement[] {
  const found: XmlElement[] = []
  const look = (element: XmlElement): void => {
    for (const child of elementsOf(element)) {
      if (child.local === 'Signature' && child.uri === SIGNATURE_NAMESPACE) found.push(child)
      look(child)
    }
  }
  look(root)
  return found
}

function formOfReference(reference: XmlElement): { exclusive: boolean; inclusivePrefixes: readonly string[] } {
  const transforms = elementsOf(only(reference, 'Transforms'))
  const [enveloped, canonical, ...more] = transforms
  if (enveloped === undefined || transforms.some(({ local, uri }) => local !== 'Transform' || uri !== SIGNATURE_NAMESPACE)) throw new Unusable('the Reference must have Transforms')
  if (attribute(enveloped, 'Algorithm') !== ENVELOPED || elementsOf(enveloped).length > 0) throw new Unusable('the first Transform must be enveloped-signature')
  if (more.length > 0) throw new Unusable('there may be one Transform after enveloped-signature')
  return canonical === undefined ? { exclusive: false, inclusivePrefixes: [] } : formOf(canonical)
}

function formOf(method: XmlElement): { exclusive: boolean; inclusivePrefixes: readonly string[] } {
  const { exclusive } = known(METHODS, method, 'canonicalization')
  const [list, ...more] = elementsOf(method)
  if (list === undefined) return { exclusive, inclusivePrefixes: [] }
  if (!exclusive || more.length > 0 || list.local !== 'InclusiveNamespaces' || list.uri !== EXCLUSIVE) throw new Unusable('the canonicalization has parameters that are not known')
  const prefixes = (attribute(list, 'PrefixList') ?? '').split(/\s+/).filter((prefix) => prefix !== '')
  return { exclusive, inclusivePrefixes: prefixes.map((prefix) => (prefix === '#default' ? '' : prefix)) }
}

function only(parent: XmlElement, local: string): XmlElement {
  const [found, ...more] = elementsOf(parent).filter((child) => child.local === local && child.uri === SIGNATURE_NAMESPACE)
  if (found === undefined || more.length > 0) throw new Unusable(`${parent.local} must have one ${local}`)
  return found
}

const attribute = (element: XmlElement, name: string): string | undefined => element.attributes.find((one) => one.uri === '' && one.local === name)?.value

function known<T>(table: Readonly<Record<string, T>>, element: XmlElement, what: string): T {
  const name = attribute(element, 'Algorithm') ?? ''
  const found = Object.hasOwn(table, name) ? table[name] : undefined
  if (found === undefined) throw new Unusable(`the ${what} algorithm '${name}' is not taken`)
  return found
}

function base64Of(element: XmlElement): Buffer {
  const text = textOf(element).replace(/\s+/g, '')
  if (elementsOf(element).length > 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw new Unusable(`${element.local} must be base64`)
  return Buffer.from(text, 'base64')
}

const isEqual = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b)

/** A key to sign with, and the certificate that readers verify by. */
export interface CapSigningKey {
  /** EC P-256. */
  readonly privateKey: KeyObject
  /** DER, base64. */
  readonly certificate: string
}

/**
 * Adds an enveloped signature as the last element: ECDSA P-256, SHA-256, Exclusive XML Canonicalization, the certificate beside it.
 * @param xml of writeCap
 * @param read reads the very text that is signed
 */
export function signCap(xml: string, read: (text: string) => XmlElement, { privateKey, certificate }: CapSigningKey): string {
  const digest = createHash('sha256').update(canonicalXml(read(xml), { exclusive: true }), 'utf8').digest('base64')
  const signedInfo = `<SignedInfo xmlns="${SIGNATURE_NAMESPACE}"><CanonicalizationMethod Algorithm="${EXCLUSIVE}"></CanonicalizationMethod><SignatureMethod Algorithm="${MORE}ecdsa-sha256"></SignatureMethod>`
    + `<Reference URI=""><Transforms><Transform Algorithm="${ENVELOPED}"></Transform><Transform Algorithm="${EXCLUSIVE}"></Transform></Transforms>`
    + `<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod><DigestValue>${digest}</DigestValue></Reference></SignedInfo>`
  // Written in canonical form already; the namespace is declared by the Signature around it, and said again in what is signed.
  const value = sign('sha256', Buffer.from(signedInfo, 'utf8'), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64')
  const signature = `<Signature xmlns="${SIGNATURE_NAMESPACE}">${signedInfo.replace(` xmlns="${SIGNATURE_NAMESPACE}"`, '')}<SignatureValue>${value}</SignatureValue>`
    + `<KeyInfo><X509Data><X509Certificate>${certificate}</X509Certificate></X509Data></KeyInfo></Signature>`
  return xml.replace(/<\/alert>$/, () => `${signature}</alert>`)
}
