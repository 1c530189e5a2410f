import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

/** The few calls of the public API that the demo makes, with what it reads of the answers. */
export class Api {
  readonly #base: string
  readonly #token: string

  constructor(base: string, token: string) {
    this.#base = base
    this.#token = token
  }

  /** @throws Error with the problem's own words when the server refuses. */
  async post<T extends object = { id: string }>(path: string, body: object = {}): Promise<T> {
    return this.#call<T>(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
  }

  async get<T extends object>(path: string): Promise<T> {
    return this.#call<T>(path, {})
  }

  async metrics(): Promise<string> {
    return (await this.#fetch('/metrics', {})).text()
  }

  /** Uploads a sound file. @returns id of the clip */
  async upload(file: string): Promise<string> {
    const form = new FormData()
    form.append('file', new Blob([readFileSync(file)]), basename(file))
    return (await this.#call<{ id: string }>('/v1/clips', { method: 'POST', body: form })).id
  }

  async #call<T>(path: string, init: RequestInit): Promise<T> {
    return (await (await this.#fetch(path, init)).json()) as T
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const response = await fetch(this.#base + path, { ...init, headers: { ...init.headers, authorization: `Bearer ${this.#token}` } })
    if (!response.ok) throw new Error(`${init.method ?? 'GET'} ${path}: ${String(response.status)} ${await response.text()}`)
    return response
  }
}
