// @ts-check
/** One person's phone: the chats they have, and one of them open. */
import { post } from './api.js'
import { Composer } from './composer.js'
import { ofMessage, ofPhone } from './deeds.js'
import { avatar, h, isTouched, keep, kept, nameOf } from './dom.js'
import { loadLog } from './events.js'
import { icon } from './icons.js'
import { Log } from './log.js'
import { takeDropped } from './media.js'
import { openMenu } from './menu.js'
import { isInvoice, openInvoice } from './pay.js'
import { send, waitingIn } from './sending.js'
import { alertIn, sheet, toast } from './sheet.js'
import { chatsOf, emit, groupOf, on, personOf, state, unread } from './state.js'
import { choosePlace } from './forms.js'

/** @import { Message, Person, Raw } from './types.js' */

const BUSY_MS = 8000
const TYPING_AFTER_MS = 120
const TO_BOT = /^(?:https?:\/\/)?(?:t|telegram)\.me\/|^tg:/i

export class Phone {
  /** @param {number} id */
  constructor(id) {
    this.id = id
    this.chat = Number(kept(`chat:${id}`, String(id)))
    if (!chatsOf(id).includes(this.chat)) this.chat = id
    /** @type {Map<string, HTMLElement>} presses that wait for their answer */ this.presses = new Map()
    this.busyTimer = 0
    this.isBusy = false
    this.title = ''
    this.log = new Log(this)
    this.composer = new Composer(this)
    this.toasts = h('div', { class: 'toasts', role: 'status' })
    this.name = h('h2', { id: `name-${id}`, dir: 'auto' })
    this.about = h('p')
    this.face = h('span')
    const menu = h('button', { type: 'button', class: 'icon', 'aria-haspopup': 'menu', 'aria-label': 'Menu of this chat' }, icon('dots'))
    menu.onclick = () => openMenu(menu, ofPhone(this), 'Menu of this chat')
    this.tabs = h('div', { class: 'chats', role: 'tablist' })
    this.tabs.onkeydown = event => this.tabKey(event)
    this.log.node.id = `log-${id}`
    this.node = h('section', { class: 'phone', 'aria-labelledby': `name-${id}`, data: { person: id } },
      this.composer.node,
      h('div', { class: 'stage' }, this.log.node, this.log.down, this.toasts),
      this.tabs,
      h('div', { class: 'head' }, this.face, h('div', { class: 'who' }, this.name, this.about), menu))
    takeDropped(this)
    this.stops = [
      on('world', () => this.renew()),
      on('read', () => this.showTabs()),
      on('message', told => this.heard(told)),
      on('keyboard', chat => { if (chat === this.chat) { this.composer.areKeysHidden = false; this.composer.state() } }),
      on('typing', told => { if (told.chat === this.chat) this.busy(true) }),
      on('answer', told => this.answered(told)),
      on('queue', () => this.log.showWaiting()),
      on('sent', told => { if (told.person === id && told.chat === this.chat) this.expect() }),
      on('refused', told => this.refused(told)),
    ]
    this.show()
  }

  close() {
    this.stops.forEach(stop => stop())
    this.log.close()
    this.node.remove()
  }

  /** @returns {Person} */
  get person() { return personOf(this.id) ?? { id: this.id, first_name: '?', started: false, blocked: false, deleted: false, keyboard: null, last: 0, commands: [], group_commands: [] } }
  get group() { return this.chat === this.id ? undefined : groupOf(this.chat) }
  get isGroup() { return this.chat !== this.id }

  /** @param {number} chat */
  open(chat) {
    if (!chatsOf(this.id).includes(chat)) return
    if (chat !== this.chat) {
      this.chat = chat
      keep(`chat:${this.id}`, chat === this.id ? '' : String(chat))
      this.busy(false)
      this.show()
    }
    if (!isTouched()) this.composer.focus()
  }

  show() {
    this.composer.show()
    this.renew()
    this.log.show()
    loadLog(this.chat).catch(() => {})
  }

  /** Somebody or some group is not as it was. */
  renew() {
    if (!chatsOf(this.id).includes(this.chat)) { const { moved_to: moved } = groupOf(this.chat) ?? {}; this.chat = moved && chatsOf(this.id).includes(moved) ? moved : this.id; return this.show() }
    const { person, group } = this
    this.title = group ? group.title : state.world.bot.first_name
    this.name.textContent = nameOf(person)
    this.face.replaceChildren(avatar(person))
    this.face.style.display = 'contents'
    this.showAbout()
    this.showTabs()
    this.composer.state()
  }

  showAbout() {
    const { person, group } = this, operator = state.world.operator === person.id ? ' · operator' : ''
    const own = person.deleted ? 'no account any more' : person.username ? `@${person.username}` : `no username · ${person.id}`
    this.about.textContent = this.isBusy ? `${state.world.bot.first_name} is typing` : group ? `${own} · in ${group.title}, ${group.members.length} people${group.bot_is_in ? '' : ', without the bot'}` : `${own}${operator}${person.blocked ? ' · has blocked the bot' : ''}`
    this.about.classList.toggle('busy', this.isBusy)
  }

  showTabs() {
    const hadFocus = this.tabs.contains(document.activeElement)
    this.tabs.setAttribute('aria-label', `Chats of ${nameOf(this.person)}`)
    this.tabs.replaceChildren(...chatsOf(this.id).map(chat => {
      const count = chat === this.chat && this.log.isAtEnd ? 0 : unread(this.id, chat), isOpen = chat === this.chat
      const name = chat === this.id ? state.world.bot.first_name : nameOf(groupOf(chat))
      const tab = h('button', { type: 'button', class: 'chat-tab', role: 'tab', 'aria-selected': isOpen, 'aria-controls': isOpen ? this.log.node.id : undefined, tabindex: isOpen ? '0' : '-1', data: { chat } }, h('span', { dir: 'auto' }, name))
      if (count) tab.append(h('span', { class: 'badge' }, count > 99 ? '99+' : String(count), h('span', { class: 'unseen' }, ' unread')))
      tab.onclick = () => this.open(chat)
      return tab
    }))
    if (hadFocus) /** @type {HTMLElement | null} */ (this.tabs.querySelector('[aria-selected=true]'))?.focus()
  }

  /** @param {KeyboardEvent} event */
  tabKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    const tabs = /** @type {HTMLElement[]} */ ([...this.tabs.children]), at = tabs.indexOf(/** @type {any} */ (document.activeElement))
    event.preventDefault()
    const next = tabs[(at + step + tabs.length) % tabs.length]
    this.open(Number(next.dataset.chat))
    const chosen = /** @type {HTMLElement | null} */ (this.tabs.querySelector('[aria-selected=true]'))
    chosen?.focus()
  }

  empty() {
    const bot = state.world.bot.first_name
    return h('div', { class: 'empty' }, h('b', {}, this.isGroup ? this.title : bot), this.isGroup ? `Everybody here can write to ${bot} with a command, such as /pay 5 @bob.`
      : this.person.started ? 'There is nothing in this chat yet.' : `${nameOf(this.person)} has not met ${bot} yet. Press Start below.`)
  }

  // -- what is heard

  /** @param {{chat: number, message: Message, isNew: boolean}} told */
  heard({ chat, message, isNew }) {
    if (chat === this.chat) { if (message.bot) this.busy(false) } else if (isNew && chatsOf(this.id).includes(chat)) this.showTabs()
  }

  /** The bot has something to do: it says so, unless it is done at once. */
  expect() {
    clearTimeout(this.busyTimer)
    this.busyTimer = setTimeout(() => this.busy(!this.isGroup), TYPING_AFTER_MS)
  }

  /** @param {boolean} isBusy */
  busy(isBusy) {
    clearTimeout(this.busyTimer)
    if (isBusy) this.busyTimer = setTimeout(() => this.busy(false), BUSY_MS)
    if (isBusy === this.isBusy) return
    this.isBusy = isBusy
    this.showAbout()
  }

  // -- what is done

  /** @param {string} action @param {Record<string, any>} [body] */
  async act(action, body = {}) {
    try { return await post(action, { person: this.id, chat: this.chat, ...body }) } catch (error) { this.toast(/** @type {Error} */ (error).message) }
  }

  /** @param {string} text @param {Message | null} [answered] */
  send(text, answered = null) {
    const raw = { text, from: { id: this.id }, chat: { id: this.chat }, ...(answered ? { reply_to_message: answered.raw } : {}) }
    return send('send', this.id, this.chat, { text, ...(answered ? { reply_to: answered.raw.message_id } : {}) }, raw)
  }

  /** @param {Raw} content */
  say(content) { return this.act('say', { content }) }

  /** @param {string} [payload] */
  start(payload = '') {
    this.open(this.id)
    return send('start', this.id, this.id, { payload }, { text: payload ? `/start ${payload}` : '/start', from: { id: this.id } })
  }

  /** @returns {Message[]} */
  waiting() { return waitingIn(this.id, this.chat).map(sending => ({ raw: sending.raw, bot: false, edits: 0, pending: true })) }

  /** @param {import('./types.js').Sending & {error: string}} told */
  refused(told) {
    if (told.person !== this.id) return
    this.busy(false)
    this.toast(told.error)
    if (told.action === 'send' && told.chat === this.chat && !this.composer.field.value) { this.composer.field.value = told.body.text; this.composer.keepDraft() }
  }

  /** @param {Raw} raw @param {Raw} button @param {HTMLElement} node */
  async press(raw, button, node) {
    if (button.pay) return openInvoice(this, { chat: this.chat, message: raw.message_id })
    if (button.url) return this.follow(button.url)
    if (button.copy_text) return this.copy(button.copy_text.text)
    if ('switch_inline_query_current_chat' in button) return this.composer.put(`@${state.world.bot.username} ${button.switch_inline_query_current_chat}`)
    const inline = button.switch_inline_query ?? button.switch_inline_query_chosen_chat?.query
    if (inline !== undefined) return this.elsewhere(`@${state.world.bot.username} ${inline}`)
    if (!('callback_data' in button)) return this.toast('The sandbox has nothing behind this button.')
    node.classList.add('waits')
    this.expect()
    const answer = await this.act('press', { message: raw.message_id, button: button.callback_data, tell: true })
    if (answer) this.presses.set(answer.query, node)
    else node.classList.remove('waits')
    const early = answer && this.early.get(answer.query)
    if (early) this.answered(early)
  }

  /** @type {Map<string, any>} answers that came before the press was known here */
  early = new Map()

  /** @param {{person: number, query: string, answer: {text?: string, alert?: boolean, url?: string}}} told */
  answered(told) {
    if (told.person !== this.id) return
    const node = this.presses.get(told.query)
    if (!node) { this.early.set(told.query, told); if (this.early.size > 50) this.early.clear(); return }
    this.presses.delete(told.query)
    node.classList.remove('waits')
    this.busy(false)
    const { text = '', alert: isAlert, url } = told.answer
    if (url) return this.follow(url)
    if (!Object.keys(told.answer).length) return this.toast('The bot has not answered yet; press again.')
    if (isAlert) alertIn(this.node, text)
    else this.toast(text)
  }

  /** @param {number} person @param {Raw} raw somebody holds a phone in front of this picture */
  async scanAs(person, raw) {
    try {
      await post('scan', { person, chat: this.chat, message: raw.message_id })
      emit('look', { person, chat: person })
    } catch (error) { this.toast(/** @type {Error} */ (error).message) }
  }

  // -- what words do (see rich.js)

  /** @param {string} link */
  follow(link) {
    const share = /^https?:\/\/t\.me\/share\/url\?(.*)/i.exec(link)
    if (share) { const query = new URLSearchParams(share[1]); return this.elsewhere([query.get('text'), query.get('url')].filter(Boolean).join('\n')) }
    if (isInvoice(link)) return openInvoice(this, { link })
    if (!TO_BOT.test(link)) return void window.open(link, '_blank', 'noopener')
    this.open(this.id)
    this.act('open', { link })
  }

  /** @param {string} text */
  command(text) { this.send(text) }

  /** @param {string} text */
  async copy(text) {
    try { await navigator.clipboard.writeText(text); this.toast('Copied') } catch { this.toast(`Not copied: this browser does not allow it. ${text}`) }
  }

  /** @param {string} text into a chat that is chosen first */
  elsewhere(text) {
    const places = chatsOf(this.id).map(chat => groupOf(chat) ?? { ...state.world.bot, id: chat })
    choosePlace(this.node, 'Into which chat?', places, chat => { this.open(chat); this.composer.put(text) })
  }

  /** @param {string} text */
  toast(text) { toast(this.toasts, text) }

  /** @param {string} title @param {string} more @param {string} yes @param {() => void} run */
  sure(title, more, yes, run) { sheet(this.node, { title, content: [h('p', {}, more)], actions: [{ text: 'Cancel' }, { text: yes, isMain: true, run }], isAlert: true }) }

  /** @param {Message} message @param {HTMLElement} anchor @param {{x: number, y: number}} [at] */
  offer(message, anchor, at) { openMenu(anchor, ofMessage(this, message), 'What to do with this message', at) }

  /** @param {HTMLImageElement} image */
  enlarge(image) {
    const close = h('button', { type: 'button', class: 'filled', autofocus: true }, 'Close')
    const dialog = h('dialog', { class: 'large', 'aria-label': image.alt }, h('img', { src: image.src, alt: image.alt }), close)
    dialog.onclick = () => dialog.close()
    dialog.onclose = () => dialog.remove()
    document.body.append(dialog)
    dialog.showModal()
  }

  // -- where one reads

  get placeKey() { return `tuppence:place:${this.id}:${this.chat}` }

  /** @param {{number: number, offset: number} | null} place */
  keepPlace(place) { try { place ? sessionStorage.setItem(this.placeKey, JSON.stringify(place)) : sessionStorage.removeItem(this.placeKey) } catch { /* not allowed */ } }

  /** @returns {{number: number, offset: number} | null} */
  place() { try { return JSON.parse(sessionStorage.getItem(this.placeKey) ?? 'null') } catch { return null } }
}
