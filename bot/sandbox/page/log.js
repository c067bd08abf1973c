// @ts-check
/** The messages of one chat on one phone: in order, in groups, under their days; scrolling stays where one reads. */
import { announce } from './announce.js'
import { brief, bubble, senderOf } from './bubble.js'
import { day, h, nameOf } from './dom.js'
import { markRead, on, state } from './state.js'

/** @import { Message } from './types.js' */
/** @import { Phone } from './phone.js' */

const NEAR_PX = 90
const TOGETHER_S = 300
const KEYS_REACHED = 6 // messages from the end whose buttons the keyboard reaches by Tab; others by arrows

export class Log {
  /** @param {Phone} phone */
  constructor(phone) {
    this.phone = phone
    this.node = h('div', { class: 'log', role: 'log', 'aria-live': 'off', tabindex: '0', 'aria-label': 'Messages' })
    this.down = h('button', { type: 'button', class: 'down', hidden: true, onclick: () => this.toEnd() }, 'New messages')
    /** @type {Map<number, HTMLElement>} */ this.shown = new Map()
    this.fresh = 0
    this.isAtEnd = true
    this.node.addEventListener('scroll', () => this.scrolled(), { passive: true })
    this.node.addEventListener('keydown', event => this.key(event))
    this.node.addEventListener('load', () => { if (this.isAtEnd) this.toEnd() }, true)
    this.size = new ResizeObserver(() => { if (this.isAtEnd) this.toEnd() })
    this.size.observe(this.node)
    this.stops = [
      on('log', chat => { if (chat === phone.chat) this.show() }),
      on('message', ({ chat, message, isNew }) => { if (chat === phone.chat) this.put(message, isNew) }),
      on('gone', ({ chat, number }) => { if (chat === phone.chat) this.remove(number) }),
    ]
  }

  close() {
    this.stops.forEach(stop => stop())
    this.size.disconnect()
  }

  /** All of the chat; what is there already stays as it is, so that a reload of the log moves nothing. */
  show() {
    const messages = [...(state.logs.get(this.phone.chat) ?? new Map()).values()]
    this.node.replaceChildren()
    this.shown.clear()
    for (const message of messages) this.shown.set(message.raw.message_id, this.node.appendChild(bubble(message, this.phone)))
    for (const sending of this.phone.waiting()) this.node.append(bubble(sending, this.phone))
    this.arrange()
    const place = this.phone.place()
    const mark = place && this.shown.get(place.number)
    if (mark) { this.isAtEnd = false; this.node.scrollTop = mark.offsetTop - place.offset } else this.toEnd()
  }

  /** @param {Message} message @param {boolean} isNew */
  put(message, isNew) {
    const number = message.raw.message_id, old = this.shown.get(number), node = bubble(message, this.phone)
    const isMine = message.raw.from?.id === this.phone.person.id
    if (old) {
      const hadFocus = old.contains(document.activeElement)
      old.replaceWith(node)
      if (!isNew) node.classList.add('glow')
      if (hadFocus) node.focus({ preventScroll: true })
    } else {
      node.classList.add('new')
      this.node.insertBefore(node, this.node.querySelector('.pending'))
    }
    this.shown.set(number, node)
    this.arrange()
    if (isMine && !old) this.isAtEnd = true
    if (this.isAtEnd) this.toEnd()
    else if (!old) this.missed()
    if (!isMine && document.hasFocus()) announce(`${old ? 'Changed: ' : ''}${nameOf(senderOf(message.raw))} to ${this.phone.isGroup ? this.phone.title : nameOf(this.phone.person)}: ${brief(message.raw)}.`)
  }

  /** @param {number} number */
  remove(number) {
    const node = this.shown.get(number)
    this.shown.delete(number)
    node?.classList.add('gone')
    setTimeout(() => { node?.remove(); this.arrange() }, 200)
  }

  /** Own messages that are not sent yet stand at the end. */
  showWaiting() {
    for (const node of this.node.querySelectorAll('.pending')) node.remove()
    for (const message of this.phone.waiting()) this.node.append(bubble(message, this.phone))
    this.arrange()
    if (this.isAtEnd) this.toEnd()
  }

  /** Days, groups of one sender, and which buttons Tab reaches. */
  arrange() {
    for (const node of this.node.querySelectorAll('.day, .empty')) node.remove()
    const nodes = /** @type {HTMLElement[]} */ ([...this.node.children]).filter(node => !node.classList.contains('gone'))
    let lastDay = ''
    nodes.forEach((node, index) => {
      const before = nodes[index - 1], after = nodes[index + 1]
      const date = Number(node.dataset.date ?? before?.dataset.date ?? 0)
      const today = date ? day(date, Math.max(state.world.now, Date.now() / 1000)) : lastDay
      if (today !== lastDay) node.before(h('div', { class: 'day' }, today))
      node.classList.toggle('begins', today !== lastDay || !together(before, node))
      node.classList.toggle('ends', !together(node, after))
      lastDay = today
      const isReached = index >= nodes.length - KEYS_REACHED
      for (const button of node.querySelectorAll('button:not(.more), a')) isReached ? button.removeAttribute('tabindex') : button.setAttribute('tabindex', '-1')
    })
    if (!nodes.length) this.node.append(this.phone.empty())
  }

  toEnd() {
    this.isAtEnd = true
    this.node.scrollTop = this.node.scrollHeight
    this.fresh = 0
    this.down.hidden = true
    this.read()
  }

  read() {
    if (document.visibilityState === 'visible' && this.isAtEnd) markRead(this.phone.person.id, this.phone.chat)
  }

  missed() {
    this.fresh += 1
    this.down.hidden = false
    this.down.textContent = this.fresh === 1 ? '1 new message' : `${this.fresh} new messages`
  }

  scrolled() {
    this.isAtEnd = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < NEAR_PX
    if (this.isAtEnd) { this.fresh = 0; this.down.hidden = true; this.read() }
    this.phone.keepPlace(this.isAtEnd ? null : this.top())
  }

  /** The first message in sight, and how far below the edge. */
  top() {
    for (const [number, node] of this.shown) {
      if (node.offsetTop + node.offsetHeight > this.node.scrollTop) return { number, offset: node.offsetTop - this.node.scrollTop }
    }
    return null
  }

  /** @param {number} number */
  find(number) {
    const node = this.shown.get(number)
    if (!node) return this.phone.toast('That message is not here any more.')
    node.scrollIntoView({ block: 'center' })
    node.classList.remove('found')
    requestAnimationFrame(() => node.classList.add('found'))
  }

  /** @param {KeyboardEvent} event arrows go from message to message, Enter opens the menu of one */
  key(event) {
    const all = [...this.shown.values()], at = all.indexOf(/** @type {any} */ (document.activeElement))
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && (document.activeElement === this.node || at >= 0)) {
      const next = at < 0 ? all[all.length - 1] : all[Math.max(0, Math.min(all.length - 1, at + step))]
      if (!next) return
      event.preventDefault()
      for (const button of next.querySelectorAll('button:not(.more), a')) button.removeAttribute('tabindex')
      next.setAttribute('tabindex', '-1')
      next.focus()
    } else if ((event.key === 'Enter' || event.key === 'ContextMenu') && at >= 0) {
      event.preventDefault()
      const more = /** @type {HTMLElement | null} */ (all[at].querySelector('.more'))
      more?.click()
    } else if (event.key === 'Escape') this.phone.composer.focus()
  }
}

/** @param {HTMLElement | undefined} one @param {HTMLElement | undefined} next */
const together = (one, next) => Boolean(one && next && one.dataset.sender === next.dataset.sender && one.dataset.sender !== 'service'
  && !next.previousElementSibling?.classList.contains('day') && Number(next.dataset.date) - Number(one.dataset.date) < TOGETHER_S)

