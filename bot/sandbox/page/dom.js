// @ts-check
/** Elements made in one go, and times and names in the reader's own way. */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [props] `class`, `on…` for events, `data` for a dataset; anything else is an attribute
 * @param {...(Node | string | null | undefined | false | (Node | string | null | false)[])} kids
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, props = {}, ...kids) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith('aria-') && typeof value === 'boolean') { node.setAttribute(name, String(value)); continue }
    if (value === undefined || value === null || value === false) continue
    if (name === 'class') node.className = value
    else if (name.startsWith('on')) node.addEventListener(name.slice(2), value)
    else if (name === 'data') Object.assign(node.dataset, value)
    else node.setAttribute(name, value === true ? '' : String(value))
  }
  for (const kid of kids.flat()) if (kid !== null && kid !== undefined && kid !== false) node.append(kid)
  return node
}

/** Whether a field that gets the focus covers half of the screen with a keyboard. */
export const isTouched = () => !matchMedia('(hover: hover)').matches

/** @param {string} id @returns {HTMLElement} */
export const byId = id => /** @type {HTMLElement} */ (document.getElementById(id))

/** @param {number} seconds */
export const clock = seconds => new Date(seconds * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })

/** @param {number} seconds @param {number} now */
export function day(seconds, now) {
  const then = new Date(seconds * 1000), today = new Date(now * 1000)
  const days = Math.round((new Date(today.toDateString()).getTime() - new Date(then.toDateString()).getTime()) / 86400000)
  if (days === 0) return 'Today'
  if (days === 1) return 'Yesterday'
  const year = then.getFullYear() === today.getFullYear() ? undefined : 'numeric'
  return then.toLocaleDateString([], { weekday: days < 7 && days > 0 ? 'long' : undefined, day: 'numeric', month: 'long', year: /** @type {any} */ (year) })
}

/** @param {{first_name?: string, last_name?: string, title?: string} | undefined} who */
export const nameOf = who => !who ? '' : who.title ?? ([who.first_name, who.last_name].filter(Boolean).join(' ') || 'Deleted account')

const GROUNDS = ['#b3452f', '#8a5a00', '#5b57c2', '#2b7a3f', '#1c7487', '#1b6aab', '#a33a77']

/** @param {{id: number, is_bot?: boolean, first_name?: string, last_name?: string, title?: string}} who */
export function avatar(who) {
  if (who.is_bot) return h('img', { class: 'avatar', src: '/page/favicon.svg', alt: '' })
  const words = nameOf(who).split(/\s+/u).filter(Boolean)
  const letters = [words[0], words.length > 1 ? words[words.length - 1] : ''].map(word => [...word][0] ?? '').join('')
  const node = h('span', { class: 'avatar', 'aria-hidden': 'true' }, letters.toUpperCase())
  node.style.background = GROUNDS[Math.abs(who.id) % GROUNDS.length]
  return node
}

/** @param {string} key @param {string} [fallback] */
export function kept(key, fallback = '') {
  try { return localStorage.getItem(`tuppence:${key}`) ?? fallback } catch { return fallback }
}

/** @param {string} key @param {string} value */
export function keep(key, value) {
  try { value ? localStorage.setItem(`tuppence:${key}`, value) : localStorage.removeItem(`tuppence:${key}`) } catch { /* full, or not allowed */ }
}
