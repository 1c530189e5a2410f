export interface IceServer {
  readonly urls: string
  readonly username?: string
  readonly credential?: string
}

const ONE = /<([^>]+)>((?:\s*;\s*[\w-]+\s*=\s*(?:"[^"]*"|[^\s;,]+))*)/g
const PARAMETER = /;\s*([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s;,]+))/g

/** STUN and TURN servers of a `Link` header as WHIP and WHEP give them: `<turn:…>; rel="ice-server"; username="…"; credential="…"`. */
export function iceServersOf(link: string | null): IceServer[] {
  return Array.from((link ?? '').matchAll(ONE), ([, urls = '', rest = '']) => {
    const parameters = new Map(Array.from(rest.matchAll(PARAMETER), ([, name = '', quoted, bare]) => [name, quoted ?? bare ?? '']))
    return { urls, parameters }
  }).filter(({ parameters }) => parameters.get('rel') === 'ice-server').map(({ urls, parameters }) => {
    const username = parameters.get('username')
    const credential = parameters.get('credential')
    return { urls, ...(username === undefined ? {} : { username }), ...(credential === undefined ? {} : { credential }) }
  })
}
