const DEFAULT_PORT = '8010'

/** Where listeners and microphones connect: the port of streams, on the host that the page came from. @param path such as `/whip/s-…` */
export function streamUrl(path: string): string {
  const port = document.querySelector<HTMLMetaElement>('meta[name="loa-stream-port"]')?.content ?? DEFAULT_PORT
  return `${location.protocol}//${location.hostname}:${port}${path}`
}
