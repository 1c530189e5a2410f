import t from 'tap'
import { Rights, RIGHTS, RIGHTS_OF, ROLES, type Grant, type Right } from '../../control/rights.ts'
import { fc } from '../support/seed.ts'

/** `parents[n]` is the unit above unit n, always a smaller number, or null. */
interface Tree {
  readonly parents: readonly (number | null)[]
}

const trees: fc.Arbitrary<Tree> = fc.array(fc.nat(), { minLength: 1, maxLength: 12 }).map((picks) => ({
  parents: picks.map((pick, unit) => (pick % (unit + 1) === 0 ? null : (pick % (unit + 1)) - 1)),
}))

const ancestorsIn = ({ parents }: Tree) => (unitId: string): string[] => {
  const above: string[] = []
  for (let unit: number | null | undefined = Number(unitId); unit !== null && unit !== undefined && unit < parents.length; unit = parents[unit]) above.push(String(unit))
  return above
}

const grantsIn = ({ parents }: Tree): fc.Arbitrary<Grant[]> => fc.array(fc.record({
  role: fc.constantFrom(...ROLES),
  unitId: fc.option(fc.nat(parents.length - 1).map(String), { freq: 6 }),
}), { maxLength: 4 })

const cases = trees.chain((tree) => fc.record({ tree: fc.constant(tree), grants: grantsIn(tree), right: fc.constantFrom(...RIGHTS) }))

t.test('a right is held exactly at the units of the roles that give it, and below them', (t) => {
  fc.assert(fc.property(cases, ({ tree, grants, right }) => {
    const ancestors = ancestorsIn(tree)
    const rights = new Rights(grants, ancestors)
    const giving = grants.filter(({ role }) => RIGHTS_OF[role].includes(right))
    for (const unit of tree.parents.keys()) {
      const id = String(unit)
      const expected = giving.some(({ unitId }) => unitId === null || ancestors(id).includes(unitId))
      if (rights.holds(right, id) !== expected) return false
      // What is meant for a unit concerns who holds the right at it, above it, or below it.
      if (rights.touches(right, id) !== (expected || giving.some(({ unitId }) => unitId !== null && ancestors(unitId).includes(id)))) return false
    }
    return rights.holds(right, null) === giving.some(({ unitId }) => unitId === null)
      && rights.somewhere(right) === giving.length > 0
      && rights.holds(right, 'nowhere') === rights.holds(right, null)
  }))
  t.end()
})

t.test('what is held at a unit gives nothing at its sisters or above, and all of it below', (t) => {
  fc.assert(fc.property(cases, ({ tree, right }) => ROLES.every((role) => [...tree.parents.keys()].every((at) => {
    const ancestors = ancestorsIn(tree)
    const rights = new Rights([{ role, unitId: String(at) }], ancestors)
    const gives = RIGHTS_OF[role].includes(right)
    return [...tree.parents.keys()].every((unit) => rights.holds(right, String(unit)) === (gives && ancestors(String(unit)).includes(String(at))))
  }))))
  t.end()
})

t.test('more roles never take a right away', (t) => {
  fc.assert(fc.property(cases.chain((given) => grantsIn(given.tree).map((more) => ({ ...given, more }))), ({ tree, grants, more, right }) => {
    const ancestors = ancestorsIn(tree)
    const [few, many] = [new Rights(grants, ancestors), new Rights([...grants, ...more], ancestors)]
    return [null, ...[...tree.parents.keys()].map(String)].every((unit) => !few.holds(right, unit) || many.holds(right, unit))
  }))
  t.end()
})

t.test('the tree is asked once for each unit', (t) => {
  let asked = 0
  const rights = new Rights([{ role: 'viewer', unitId: 'a' }], (id) => {
    asked++
    return [id]
  })
  for (let n = 0; n < 100; n++) rights.holds('view', 'b')
  t.equal(asked, 1)
  t.end()
})

t.test('what each role gives', (t) => {
  const who = (right: Right): string[] => ROLES.filter((role) => RIGHTS_OF[role].includes(right))
  t.same(who('view'), ROLES.filter((role) => role !== 'cap-sender'), 'whoever has a role may look, but programs that only hand in')
  t.same(RIGHTS_OF['cap-sender'], ['cap'])
  t.same(who('cap'), ['emergency-officer', 'cap-sender'])
  t.same(who('emergency'), ['emergency-officer'], 'nobody else starts an emergency')
  t.same(who('people'), ['administrator'])
  t.same(who('audit'), ['administrator', 'auditor'])
  t.same(RIGHTS_OF.auditor, ['view', 'audit'], 'who looks into the books changes nothing')
  t.end()
})
