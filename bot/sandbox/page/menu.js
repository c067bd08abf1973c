// @ts-check
/** A menu beside a button, or where the pointer is. */
import { h } from './dom.js'
import { icon } from './icons.js'

/** @typedef {{text: string, icon?: string, bad?: boolean, run: () => void} | null} Item null is a line */

/** @param {HTMLElement} anchor @param {Item[]} items @param {string} label @param {{x: number, y: number}} [at] */
export function openMenu(anchor, items, label, at) {
  const menu = h('div', { class: 'menu', role: 'menu', popover: 'auto', 'aria-label': label })
  const buttons = /** @type {HTMLButtonElement[]} */ ([])
  for (const item of items) {
    if (item === null) { menu.append(h('hr', { role: 'separator' })); continue }
    const button = h('button', { type: 'button', role: 'menuitem', tabindex: '-1', class: item.bad ? 'bad' : undefined }, item.icon ? icon(item.icon) : null, item.text)
    button.onclick = () => { menu.hidePopover(); item.run() }
    buttons.push(button)
    menu.append(button)
  }
  menu.addEventListener('keydown', event => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const index = buttons.indexOf(/** @type {any} */ (document.activeElement))
    if (step) { event.preventDefault(); buttons.at((index + step) % buttons.length)?.focus() }
    if (event.key === 'Home' || event.key === 'End') { event.preventDefault(); buttons.at(event.key === 'Home' ? 0 : -1)?.focus() }
    if (event.key === 'Tab') menu.hidePopover()
  })
  menu.addEventListener('toggle', event => {
    if (/** @type {ToggleEvent} */ (event).newState !== 'closed') return
    anchor.removeAttribute('aria-expanded')
    if (menu.contains(document.activeElement) || document.activeElement === document.body) anchor.focus()
    menu.remove()
  })
  const place = anchor.closest('section, header, aside') ?? document.body
  place.append(menu)
  menu.showPopover()
  anchor.setAttribute('aria-expanded', 'true')
  const near = anchor.getBoundingClientRect(), size = menu.getBoundingClientRect()
  const x = at?.x ?? (near.left + size.width > innerWidth - 8 ? near.right - size.width : near.left)
  const y = at?.y ?? (near.bottom + size.height > innerHeight - 8 ? near.top - size.height - 4 : near.bottom + 4)
  menu.style.left = `${Math.max(8, Math.min(x, innerWidth - size.width - 8))}px`
  menu.style.top = `${Math.max(8, Math.min(y, innerHeight - size.height - 8))}px`
  buttons[0]?.focus()
}
