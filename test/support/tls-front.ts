import { execFileSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer, type Server, type TLSSocket } from 'node:tls'

export interface Certificate {
  readonly keyFile: string
  readonly key: Buffer
  readonly cert: Buffer
  /** SHA-256 of the certificate, as openssl writes it: with colons. */
  readonly fingerprint: string
  /** SHA-256 of its public key (SPKI), hexadecimal. */
  readonly keyPin: string
}

/** A certificate of 127.0.0.1 that nobody has signed. @param of takes the key of that one: a renewal */
export function makeCertificate(folder: string, name: string, of?: Certificate): Certificate {
  const keyFile = of?.keyFile ?? join(folder, `${name}.key`)
  const certFile = join(folder, `${name}.pem`)
  const key = of === undefined ? ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile] : ['-key', keyFile]
  execFileSync('openssl', ['req', '-x509', ...key, '-out', certFile, '-days', '2', '-subj', '/CN=loa.test', '-addext', 'subjectAltName=IP:127.0.0.1'], { stdio: 'pipe' })
  const cert = readFileSync(certFile)
  const { fingerprint256, publicKey } = new X509Certificate(cert)
  return { keyFile, key: readFileSync(keyFile), cert, fingerprint: fingerprint256, keyPin: createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('hex') }
}

/** What stands before a server to speak TLS for it, as a reverse proxy does; it notes what clients say to it, decrypted. */
export class TlsFront {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** One for each connection since the last change of certificate. */
  said: { text: string; open: boolean }[] = []

  private constructor(port: number, certificate: Certificate) {
    this.#server = createServer(certificate)
    // Also those that end before their handshake does.
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      const said = { text: '', open: true }
      this.said.push(said)
      const { remotePort } = socket
      const talk = (client: TLSSocket): void => {
        if (client.remotePort !== remotePort) return
        const behind = connect({ port, host: '127.0.0.1' })
        client.on('data', (chunk: Buffer) => { said.text += chunk.toString('latin1') })
        client.pipe(behind)
        behind.pipe(client)
        for (const [one, other] of [[client, behind], [behind, client]] as const) {
          one.on('error', () => undefined) // 'close' follows
          one.on('close', () => { other.destroy() })
        }
      }
      this.#server.on('secureConnection', talk)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        said.open = false
        this.#sockets.delete(socket)
        this.#server.off('secureConnection', talk)
      })
    })
    this.#server.on('tlsClientError', () => undefined)
  }

  static async listen(port: number, certificate: Certificate): Promise<TlsFront> {
    const front = new TlsFront(port, certificate)
    await new Promise<void>((resolve) => front.#server.listen(0, '127.0.0.1', resolve))
    return front
  }

  /** `wss://…` */
  get address(): string {
    return `wss://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`
  }

  /** From here on it has another certificate; whoever is connected is cut. */
  use(certificate: Certificate): void {
    this.#server.setSecureContext(certificate)
    this.#cut()
    this.said = []
  }

  close(): void {
    this.#server.close()
    this.#cut()
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}
