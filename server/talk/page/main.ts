import { TalkPage } from './page.ts'

const sourceId = decodeURIComponent(location.pathname.split('/')[2] ?? '')
new TalkPage(sourceId).run()
// What comes back from the browser's memory has lost its line and its microphone.
addEventListener('pageshow', ({ persisted }) => { if (persisted) location.reload() })
