// @ts-check
/** Keyboards under messages: rows of buttons, each as wide as its neighbours. */
import { h } from './dom.js'
import { icon } from './icons.js'

/** @import { Raw } from './types.js' */

/** @param {Raw} button the drawing in its corner that says what a press does */
const mark = button => button.url || button.login_url ? 'link' : button.copy_text ? 'copy' : button.web_app ? 'window'
  : Object.keys(button).some(key => key.startsWith('switch_inline')) ? 'inline' : button.request_users || button.request_contact ? 'user' : ''

/** @param {Raw} button */
export const isDead = button => 'disabled' in button && button.disabled !== false

/** @param {Raw[][]} rows @param {(button: Raw, node: HTMLButtonElement) => void} press */
export function keys(rows, press) {
  return h('div', { class: 'keys' }, rows.map(row => h('div', {}, row.map(each => {
    const button = typeof each === 'string' ? { text: each } : each
    const node = h('button', { type: 'button', dir: 'auto', class: `key ${['primary', 'success', 'danger'].includes(button.style) ? button.style : ''}`.trim(), 'aria-disabled': isDead(button) || undefined }, button.text)
    const drawing = mark(button)
    if (drawing) node.append(h('span', { class: 'mark' }, icon(drawing)))
    node.onclick = () => { if (!isDead(button) && !node.classList.contains('waits')) press(button, node) }
    return node
  }))))
}
