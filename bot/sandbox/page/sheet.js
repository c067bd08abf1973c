// @ts-check
/** What is said or asked in one person's column, and holds up nobody else: toasts, alerts, small forms. */
import { h } from './dom.js'

const TOAST_MS = 4500

/** @param {HTMLElement} toasts @param {string} text */
export function toast(toasts, text) {
  if (!text) return
  while (toasts.children.length > 2) toasts.firstElementChild?.remove()
  const node = h('div', { class: 'toast', dir: 'auto' }, text)
  toasts.append(node)
  setTimeout(() => node.remove(), TOAST_MS + text.length * 30)
}

let number = 0

/**
 * @param {HTMLElement} column
 * @param {{title: string, content?: (Node | string)[], actions: {text: string, isMain?: boolean, run?: () => (void | boolean | Promise<void | boolean>)}[], isAlert?: boolean, closed?: () => void}} said
 *   an action that gives false leaves it open; one that throws says why
 * @returns {() => void} closes it
 */
export function sheet(column, said) {
  const before = /** @type {HTMLElement | null} */ (document.activeElement)
  const id = `sheet-${++number}`
  const trouble = h('p', { class: 'trouble', role: 'alert', hidden: true })
  const buttons = said.actions.map(action => h('button', { type: action.isMain ? 'submit' : 'button', class: action.isMain ? 'filled' : 'outlined' }, action.text))
  const form = h('form', { novalidate: true }, h('h3', { id, dir: 'auto' }, said.title), ...(said.content ?? []), trouble, h('div', { class: 'actions' }, ...buttons))
  const veil = h('div', { class: 'veil' }, h('div', { class: 'sheet', role: said.isAlert ? 'alertdialog' : 'dialog', 'aria-labelledby': id, 'aria-modal': 'true' }, form))
  const close = () => {
    if (!veil.isConnected) return
    veil.remove()
    said.closed?.()
    before?.isConnected && before.focus()
  }
  /** @param {number} index */
  const run = async index => {
    try {
      if (await said.actions[index].run?.() !== false) close()
    } catch (error) {
      trouble.textContent = /** @type {Error} */ (error).message
      trouble.hidden = false
    }
  }
  buttons.forEach((button, index) => { if (button.type === 'button') button.onclick = () => run(index) })
  form.onsubmit = event => {
    event.preventDefault()
    const main = said.actions.findIndex(action => action.isMain)
    if (main >= 0) run(main)
  }
  veil.onkeydown = event => {
    if (event.key === 'Escape') { event.stopPropagation(); close() }
    if (event.key !== 'Tab') return
    const all = /** @type {HTMLElement[]} */ ([...form.querySelectorAll('a[href], button, input, select, textarea')]).filter(one => one.offsetParent)
    const edge = event.shiftKey ? all[0] : all[all.length - 1]
    if (document.activeElement === edge) { event.preventDefault(); (event.shiftKey ? all[all.length - 1] : all[0])?.focus() }
  }
  veil.onpointerdown = event => { if (event.target === veil && !said.isAlert) close() }
  column.append(veil)
  const first = /** @type {HTMLElement | null} */ (form.querySelector('[autofocus], input:not([type=file]), select, .list button') ?? form.querySelector('.filled'))
  first?.focus()
  return close
}

/** @param {HTMLElement} column @param {string} text */
export const alertIn = (column, text) => sheet(column, { title: text, actions: [{ text: 'OK', isMain: true }], isAlert: true })
