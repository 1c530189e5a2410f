import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import './kit/kit.css'
import { registerOfflineShell } from './offline/register.ts'
import { startTheme } from './shell/theme.ts'
import './style/base.css'
import { currentLanguage } from './words/language.ts'

startTheme()
document.documentElement.lang = currentLanguage()
const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
createRoot(root).render(<StrictMode><App /></StrictMode>)
registerOfflineShell()
