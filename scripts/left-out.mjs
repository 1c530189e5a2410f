/**
 * npm leaves out, without a word, an optional package whose `engines` its own Node does not meet. Debian 12's npm runs on Node 18, Loa on
 * its own Node 24: the native part of the bundler is then missing though it would work. Such packages are fetched here, as the lock file has them.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

/** @returns 'glibc' or 'musl' */
const libcHere = () => (process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc')

/**
 * Packages for this machine that are not installed.
 * @param {Record<string, object>} packages of the lock file, by their folder
 * @param {(folder: string) => boolean} isThere
 * @returns {{ folder: string, name: string, version: string, integrity: string }[]}
 */
export function leftOut(packages, isThere, { os = process.platform, cpu = process.arch, libc = libcHere() } = {}) {
  const fits = (allowed, here) => allowed === undefined || allowed.includes(here)
  return Object.entries(packages)
    .filter(([folder, entry]) => entry.optional && !entry.dev && entry.engines?.node !== undefined && entry.os !== undefined && fits(entry.os, os) && fits(entry.cpu, cpu) && fits(entry.libc, libc) && !isThere(folder))
    .map(([folder, { version, integrity }]) => ({ folder, name: folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length), version, integrity }))
}

/**
 * Fetches and unpacks them.
 * @param {(program: string, args: string[], folder?: string) => void} run throws when the program fails
 * @throws Error when what came is not what the lock file names
 */
export function installLeftOut(root, { run, say }) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  for (const { folder, name, version, integrity } of leftOut(packages, (one) => existsSync(join(root, one)))) {
    say(`fetching ${name} ${version}, which this machine's npm has left out`)
    const temporary = mkdtempSync(join(tmpdir(), 'loa-setup-'))
    try {
      run('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', temporary])
      const archive = join(temporary, readdirSync(temporary)[0])
      if (`sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}` !== integrity) throw new Error(`${name} ${version} is not what package-lock.json names`)
      mkdirSync(join(root, folder), { recursive: true })
      run('tar', ['-xzf', archive, '--strip-components=1', '--no-same-owner', '-C', folder])
    } finally {
      rmSync(temporary, { recursive: true, force: true })
    }
  }
}
