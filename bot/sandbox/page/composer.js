// @ts-check
/** The foot of a phone: the field with what is written so far, and what it is an answer to. */
import { quote } from './bubble.js'
import { hasCamera, scanWithCamera } from './camera.js'
import { h, keep, kept, nameOf } from './dom.js'
import { icon } from './icons.js'
import { replyKeyboard } from './keyboard.js'
import { chooseFile, takePasted } from './media.js'
import { openMenu } from './menu.js'
import { state } from './state.js'
import { Suggest } from './suggest.js'

/** @import { Message } from './types.js' */
/** @import { Phone } from './phone.js' */

const TEXT_MAX = 4096

export class Composer {
  /** @param {Phone} phone */
  constructor(phone) {
    this.phone = phone
    /** @type {Message | null} */ this.answered = null
    /** @type {Message | null} */ this.edited = null
    this.areKeysHidden = false
    this.field = h('textarea', { rows: 1, maxlength: TEXT_MAX, dir: 'auto', enterkeyhint: 'send', autocomplete: 'off', spellcheck: 'false' })
    this.suggest = new Suggest(phone, this.field)
    this.above = h('div', { class: 'answering', hidden: true })
    this.below = h('div')
    const clip = h('button', { type: 'button', class: 'icon', 'aria-label': 'Attach or scan', 'aria-haspopup': 'menu', title: 'Attach or scan' }, icon('clip'))
    clip.onclick = () => openMenu(clip, [
      { text: 'Photo or file…', icon: 'clip', run: () => chooseFile(phone) },
      ...(hasCamera() ? [{ text: 'Scan with the camera…', icon: 'camera', run: () => scanWithCamera(phone) }] : []),
    ], 'Attach or scan')
    this.keysButton = h('button', { type: 'button', class: 'icon', 'aria-label': 'Keyboard of the bot', hidden: true }, icon('keys'))
    this.keysButton.onclick = () => { this.areKeysHidden = !this.areKeysHidden; this.showKeys() }
    this.sendButton = h('button', { type: 'submit', class: 'icon send', 'aria-label': 'Send', title: 'Send' }, icon('send'))
    this.row = h('div', { class: 'row' }, this.field, clip, this.keysButton, this.sendButton)
    clip.style.order = '-1'
    this.instead = h('div')
    this.node = h('form', { class: 'foot', 'aria-label': `Write as ${nameOf(phone.person)}` }, this.suggest.node, this.above, this.row, this.below, this.instead)
    this.node.onsubmit = event => { event.preventDefault(); this.submit() }
    this.field.oninput = () => { this.keepDraft(); this.suggest.look() }
    this.field.onkeydown = event => this.key(event)
    this.field.onblur = () => setTimeout(() => { if (document.activeElement !== this.field) this.suggest.close() }, 150)
    this.field.onpaste = event => { if (event.clipboardData && takePasted(phone, event.clipboardData)) event.preventDefault() }
  }

  /** Show the chat that is open now: its draft, its keyboard, or why nobody can write there. */
  show() {
    this.leave()
    this.field.value = kept(this.draft)
    this.state()
  }

  get draft() { return `draft:${this.phone.person.id}:${this.phone.chat}` }

  state() {
    const { person, group } = this.phone, name = state.world.bot.first_name
    const isFresh = !group && !person.started
    let instead = null
    if (person.deleted) instead = h('p', { class: 'note' }, 'This account is deleted.')
    else if (!group && person.blocked) instead = h('button', { type: 'button', class: 'outlined big', onclick: () => this.phone.act('unblock') }, `Unblock ${name}`)
    else if (isFresh && !this.field.value) instead = h('button', { type: 'button', class: 'filled big', onclick: () => this.phone.start() }, 'Start')
    else if (group && !group.may_write) instead = h('p', { class: 'note' }, 'Nobody may write in this group.')
    const hadFocus = this.node.contains(document.activeElement)
    this.instead.replaceChildren(...(instead ? [instead] : []))
    this.row.hidden = Boolean(instead)
    this.field.placeholder = state.keyboards.get(this.phone.chat)?.input_field_placeholder ?? (group ? `Message to ${group.title}` : 'Such as /pay 5 @bob')
    this.field.setAttribute('aria-label', `Message of ${nameOf(person)} to ${group ? group.title : name}`)
    this.showKeys()
    this.keepDraft()
    if (hadFocus && !instead && !this.node.contains(document.activeElement)) this.field.focus()
  }

  showKeys() {
    const markup = state.keyboards.get(this.phone.chat)
    const has = Boolean(markup?.keyboard?.length) && !this.row.hidden
    const isHidden = this.areKeysHidden || Boolean(markup?.is_hidden)
    this.keysButton.hidden = !has
    this.keysButton.setAttribute('aria-pressed', String(has && !isHidden))
    this.below.replaceChildren(...(has && !isHidden ? [replyKeyboard(this.phone, markup)] : []))
  }

  hideKeys() { this.areKeysHidden = true; this.showKeys() }

  keepDraft() {
    keep(this.draft, this.field.value)
    this.sendButton.disabled = !this.field.value.trim()
    this.grow()
  }

  grow() { // for browsers that do not size a field by what is in it
    if (CSS.supports('field-sizing', 'content')) return
    this.field.style.height = 'auto'
    this.field.style.height = `${this.field.scrollHeight + 2}px`
  }

  focus() { (this.row.hidden ? this.instead.querySelector('button') : this.field)?.focus() }

  /** @param {string} text */
  put(text) {
    this.field.value = text
    this.row.hidden = false
    this.instead.replaceChildren()
    this.keepDraft()
    this.suggest.look()
    this.field.focus()
    this.field.setSelectionRange(text.length, text.length)
  }

  /** @param {Message} message */
  answer(message) { this.edited = null; this.answered = message; this.showAbove(message) }

  /** @param {Message} message */
  edit(message) { this.answered = null; this.edited = message; this.put(message.raw.text ?? message.raw.caption ?? ''); this.showAbove(message) }

  /** @param {Message} message */
  showAbove(message) {
    const close = h('button', { type: 'button', class: 'icon', 'aria-label': 'Write something else', onclick: () => { if (this.edited) this.put(''); this.leave(); this.focus() } }, icon('close'))
    this.above.replaceChildren(icon(this.edited ? 'edit' : 'reply'), quote(message.raw), close)
    this.above.hidden = false
    this.focus()
  }

  leave() { this.answered = this.edited = null; this.above.hidden = true }

  submit() {
    const text = this.field.value.trim()
    if (!text) return
    const { answered, edited } = this
    this.leave()
    this.field.value = ''
    this.suggest.close()
    this.keepDraft()
    if (edited) this.phone.act('edit', { message: edited.raw.message_id, text })
    else this.phone.send(text, answered)
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.isComposing || this.suggest.key(event)) return
    if (event.key === 'Enter' && !event.shiftKey) { event.preventDefault(); this.submit() }
    else if (event.key === 'Escape' && !this.above.hidden) { if (this.edited) this.put(''); this.leave() }
    else if (event.key === 'ArrowUp' && !this.field.value) {
      event.preventDefault()
      this.phone.log.node.focus()
      this.phone.log.key(event)
    }
  }
}
