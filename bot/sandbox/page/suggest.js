// @ts-check
/** What is offered above the field while one writes: the bot's commands after `/`, and its own offers after `@bot `. */
import { post } from './api.js'
import { h } from './dom.js'
import { state } from './state.js'

/** @import { Raw } from './types.js' */
/** @import { Phone } from './phone.js' */

const PAUSE_MS = 180
let number = 0

export class Suggest {
  /** @param {Phone} phone @param {HTMLTextAreaElement} field */
  constructor(phone, field) {
    this.phone = phone
    this.field = field
    this.id = `suggest-${++number}`
    this.node = h('ul', { class: 'suggest', role: 'listbox', id: this.id, 'aria-label': 'Suggestions', tabindex: '0', hidden: true })
    /** @type {{node: HTMLElement, run: () => void}[]} */ this.items = []
    this.at = -1
    this.timer = 0
    this.asked = ''
    field.setAttribute('aria-autocomplete', 'list')
  }

  /** Look at what is written. */
  look() {
    const text = this.field.value, command = /^\/(\w*)$/.exec(text)
    const bot = state.world.bot.username.toLowerCase()
    const inline = text.toLowerCase().startsWith(`@${bot} `) ? text.slice(bot.length + 2) : null
    clearTimeout(this.timer)
    if (inline !== null) { this.timer = setTimeout(() => this.ask(inline), PAUSE_MS); return }
    this.asked = ''
    if (!command) return this.close()
    const all = this.phone.isGroup ? this.phone.person.group_commands : this.phone.person.commands
    const found = all.filter(each => each.command.startsWith(command[1].toLowerCase()) && `/${each.command}` !== text)
    this.show(found.map(each => ({
      node: h('li', { role: 'option' }, h('b', {}, `/${each.command}`), h('span', { dir: 'auto' }, each.description)),
      run: () => this.phone.composer.put(`/${each.command} `),
    })))
  }

  /** @param {string} text */
  async ask(text) {
    this.asked = text
    /** @type {Raw} */
    let answer
    try { answer = await post('inline', { person: this.phone.person.id, text }) } catch { return this.close() }
    if (this.asked !== text) return
    const items = answer.results.map((/** @type {Raw} */ result, /** @type {number} */ index) => ({
      node: h('li', { role: 'option', class: 'result' }, h('b', { dir: 'auto' }, result.title ?? result.id), result.description ? h('span', { dir: 'auto' }, result.description) : null),
      run: () => this.choose(answer.query, index),
    }))
    if (answer.button) items.unshift({ node: h('li', { role: 'option' }, h('b', {}, answer.button.text)), run: () => this.phone.start(answer.button.start_parameter) })
    if (!items.length) items.push({ node: h('li', { role: 'option', class: 'result' }, h('span', {}, 'The bot offers nothing for this.')), run: () => {} })
    this.show(items)
  }

  /** @param {string} query @param {number} index */
  async choose(query, index) {
    this.phone.composer.put('')
    try { await post('choose', { person: this.phone.person.id, chat: this.phone.chat, query, number: index }) } catch (error) { this.phone.toast(/** @type {Error} */ (error).message) }
  }

  /** @param {{node: HTMLElement, run: () => void}[]} items */
  show(items) {
    this.items = items
    this.node.replaceChildren(...items.map(item => item.node))
    this.node.hidden = !items.length
    items.forEach((item, index) => {
      item.node.id = `${this.id}-${index}`
      item.node.onmousedown = event => { event.preventDefault(); this.take(index) }
    })
    this.go(items.length ? 0 : -1)
    if (items.length) this.field.setAttribute('aria-controls', this.id)
    else this.field.removeAttribute('aria-controls')
  }

  /** @param {number} index */
  go(index) {
    this.at = index
    this.items.forEach((item, each) => item.node.setAttribute('aria-selected', String(each === index)))
    if (index >= 0) {
      this.field.setAttribute('aria-activedescendant', `${this.id}-${index}`)
      this.items[index].node.scrollIntoView({ block: 'nearest' })
    } else this.field.removeAttribute('aria-activedescendant')
  }

  close() { if (!this.node.hidden || this.items.length) this.show([]) }

  /** @param {number} index */
  take(index) {
    const item = this.items[index]
    this.close()
    item.run()
    this.field.focus()
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether it was for the list */
  key(event) {
    if (!this.items.length) return false
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) this.go((this.at + step + this.items.length) % this.items.length)
    else if ((event.key === 'Tab' && !event.shiftKey) || event.key === 'Enter') this.take(this.at)
    else if (event.key === 'Escape') this.close()
    else return false
    event.preventDefault()
    return true
  }
}
