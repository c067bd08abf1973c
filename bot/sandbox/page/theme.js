// @ts-check
/** Light, dark, or as the system has it. */
import { h, keep, kept } from './dom.js'
import { icon } from './icons.js'

const NEXT = { system: 'light', light: 'dark', dark: 'system' }
const ICONS = { system: 'system', light: 'sun', dark: 'moon' }
const NAMES = { system: 'as the system', light: 'light', dark: 'dark' }

/** @returns {keyof typeof NEXT} */
const chosen = () => /** @type {any} */ (kept('theme', 'system') in NEXT ? kept('theme', 'system') : 'system')

export function showTheme() {
  const theme = chosen()
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

export function themeButton() {
  const button = h('button', { class: 'icon', type: 'button', id: 'theme' })
  const show = () => {
    showTheme()
    const label = `Colours: ${NAMES[chosen()]}`
    button.setAttribute('aria-label', label)
    button.title = label
    button.replaceChildren(icon(ICONS[chosen()]))
  }
  button.onclick = () => { keep('theme', NEXT[chosen()]); show() }
  show()
  return button
}
