/** Browsers allow it over TLS, or on the same machine, only; elsewhere the console works as any page does. */
export function registerOfflineShell(): void {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return
  // Quite after the first picture: old computers have enough to do.
  addEventListener('load', () => { void navigator.serviceWorker.register('/sw.js').catch(() => undefined) })
}
