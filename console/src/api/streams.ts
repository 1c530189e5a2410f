/** An address on the port of listeners and sources, on the host that this page came from. */
export function streamUrl(path: string): string {
  const port = document.querySelector<HTMLMetaElement>('meta[name="loa-stream-port"]')?.content ?? '8010'
  return `${location.protocol}//${location.hostname}:${port}${path}`
}
