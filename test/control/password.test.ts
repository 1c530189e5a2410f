import t from 'tap'
import { hashPassword, Turnstile, verifyPassword, type PasswordLane } from '../../control/password.ts'
import { checkPassword, passwordWeakness } from '../../control/password-rules.ts'
import { newTotpSecret, totpStep, totpUri } from '../../control/second-factor.ts'

t.test('argon2id, salted, with its parameters beside it', async (t) => {
  const hash = await hashPassword('bốn con mèo ngủ trưa')
  t.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  t.not(hash, await hashPassword('bốn con mèo ngủ trưa'), 'two of the same are not alike')
  t.equal(await verifyPassword('bốn con mèo ngủ trưa', hash), true)
  t.equal(await verifyPassword('bốn con mèo ngủ trưa'.normalize('NFD'), hash), true, 'however the keyboard writes it')
  t.equal(await verifyPassword('bốn con mèo ngủ trứa', hash), false)
  t.equal(await verifyPassword('', hash), false)
  // Another implementation's (the reference command line: echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1).
  t.equal(await verifyPassword('password', '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'), true)
  await t.rejects(verifyPassword('password', 'plain'), /not readable/)
})

t.test('nobody has a password', async (t) => {
  t.equal(await verifyPassword('', undefined), false)
  t.equal(await verifyPassword('bốn con mèo ngủ trưa', undefined), false)
})

t.test('only so many strangers at once, and who is known does not stand behind them', async (t) => {
  const quick = '$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
  const flood = Array.from({ length: 80 }, () => verifyPassword('x', quick))
  const known = verifyPassword('x', quick, 'known')
  const results = await Promise.allSettled(flood)
  t.equal(await known, false)
  t.equal(results.filter(({ status }) => status === 'rejected').length, 80 - 66, 'two at work, 64 waiting')
  t.match(results.find(({ status }) => status === 'rejected'), { reason: { code: 'LOA_ERR_BUSY' } })
  t.equal(await verifyPassword('x', quick), false, 'and it goes on')
})

t.test('a flood in one lane neither holds up nor refuses the other, and no lane starves', async (t) => {
  for (const [flooded, other] of [['phone', 'web'], ['web', 'phone']] as const) {
    const turnstile = new Turnstile(2)
    const begun: PasswordLane[] = []
    const finish: (() => void)[] = []
    const come = (lane: PasswordLane) => turnstile.inTurn(lane, () => new Promise<void>((resolve) => {
      begun.push(lane)
      finish.push(resolve)
    }))
    const coming = Array.from({ length: 66 }, () => come(flooded))
    await t.rejects(come(flooded), { code: 'LOA_ERR_BUSY' })
    coming.push(come(other), come(other), come(other))
    for (let at = 0; at < 69; at += 1) {
      finish[at]?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all(coming)
    t.same(begun.slice(0, 9).filter((lane) => lane === other).length, 3, 'by turns')
    t.ok(begun.indexOf(other) <= 3, 'one of the others goes before it at most')
    t.equal(begun.length, 69)
  }
})

t.test('passwords that are tried first are refused', (t) => {
  const own = ['lan.anh', 'Nguyễn Lan Anh']
  const refused = ['matkhau', 'matkhau123456', 'Mật khẩu của tôi', 'Password1234!', 'P@ssw0rd2024!!', 'anhyeuem12345', 'emyeuanh1314520', 'Truyenthanh@2025', 'truyen thanh xa', 'qwertyuiop123', '1qaz2wsx3edc', 'aaaaaaaaaaaa', 'abcabcabcabc', '123456789012', '4829104829104', 'lananh19901990', 'LAN.ANH-2026', 'admin@123456', 'iloveyou1234567', 'tôi yêu Việt Nam', 'nguyenvana1985', 'zxcvbnm12345']
  for (const password of refused) t.not(passwordWeakness(password, own), null, password)
  const taken = ['bốn con mèo ngủ trưa', 'correct horse battery staple', 'thuyền về bến cũ lúc nửa đêm', 'gk2!sZ9pQw7x', 'x7Kp-mQ2v-9ZtR', '9f2c1e0a7b0f4a3c9d2b', 'Xanh như lá bàng non']
  for (const password of taken) t.equal(passwordWeakness(password, own), null, password)
  t.match(passwordWeakness('mèo', own), { message: /12 characters/, messageVi: /12 ký tự/ })
  t.match(passwordWeakness('bốn con mèo'.normalize('NFD'), own), { message: /12 characters/ }, 'accents are no characters')
  t.throws(() => { checkPassword('newPassword', 'matkhau123456', own) }, { code: 'LOA_ERR_WEAK_PASSWORD', errors: [{ path: 'newPassword' }] })
  t.end()
})

t.test('the longest password is looked at quickly', (t) => {
  const begun = performance.now()
  for (const sign of ['a', '0', 'loa', 'qwertyuiop ']) passwordWeakness(sign.repeat(200).slice(0, 200), ['lan'.repeat(20)])
  t.ok(performance.now() - begun < 1000)
  t.end()
})

t.test('codes are those of RFC 6238', (t) => {
  // Its appendix B: the secret is «12345678901234567890», the codes have eight digits of which these are the last six.
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
  for (const [seconds, code] of [[59, '287082'], [1111111109, '081804'], [1111111111, '050471'], [1234567890, '005924'], [2000000000, '279037'], [20000000000, '353130']] as const) {
    t.equal(totpStep(secret, code, seconds * 1000, 0), Math.floor(seconds / 30), code)
    t.equal(totpStep(secret, code, (seconds + 30) * 1000, 0), Math.floor(seconds / 30), 'half a minute late')
    t.equal(totpStep(secret, code, (seconds + 120) * 1000, 0), null, 'two minutes late')
    t.equal(totpStep(secret, code, seconds * 1000, Math.floor(seconds / 30)), null, 'used before')
  }
  t.equal(totpStep(secret, '287083', 59_000, 0), null)
  t.match(newTotpSecret(), /^[A-Z2-7]{32}$/)
  t.match(totpUri(secret, 'lan.anh'), /^otpauth:\/\/totp\/Loa:lan\.anh\?issuer=Loa&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&algorithm=SHA1&digits=6&period=30$/)
  t.end()
})
