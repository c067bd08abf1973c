// @ts-check
/** One message as an element. */
import { isDead, keys } from './buttons.js'
import { avatar, clock, h, nameOf } from './dom.js'
import { icon } from './icons.js'
import { rich } from './rich.js'
import { personOf, state } from './state.js'

/** @import { Message, Raw } from './types.js' */
/** @import { Phone } from './phone.js' */

const SCANS_SHOWN = 3

/** @param {Raw} raw who wrote it, as the chat shows it */
export const senderOf = raw => raw.sender_chat?.title ? raw.sender_chat : raw.from ?? { id: 0, first_name: '' }

/** @param {Raw} raw its content in a line */
export function brief(raw) {
  return raw.text ?? raw.caption ?? (raw.photo ? 'Photo' : raw.document ? raw.document.file_name ?? 'File' : serviceText(raw) ?? 'Message')
}

/** @param {Raw} raw what happened, or undefined for something that somebody said */
export function serviceText(raw) {
  const who = nameOf(raw.from)
  if (raw.new_chat_members) return raw.new_chat_members.some((/** @type {Raw} */ one) => one.id !== raw.from.id) ? `${who} added ${raw.new_chat_members.map(nameOf).join(', ')}` : `${who} joined the group`
  if (raw.left_chat_member) return raw.left_chat_member.id === raw.from.id ? `${who} left the group` : `${who} removed ${nameOf(raw.left_chat_member)}`
  if (raw.migrate_to_chat_id || raw.migrate_from_chat_id) return 'The group became a supergroup'
  if (raw.forum_topic_created) return `${who} opened the topic ${raw.forum_topic_created.name}`
  if (raw.forum_topic_closed) return `${who} closed the topic`
  if (raw.users_shared) return `${who} picked ${raw.users_shared.users.map((/** @type {Raw} */ user) => nameOf(personOf(user.user_id)) || user.first_name).join(', ')}`
  if (raw.pinned_message) return `${who} pinned a message`
  if (raw.successful_payment) return `${who} paid ${raw.successful_payment.currency === 'XTR' ? 'with Stars' : 'by card'}`
  if (raw.refunded_payment) return `${raw.refunded_payment.total_amount} Stars went back to ${who}`
  return undefined
}

/** @param {Message} message @param {Phone} phone */
export function bubble(message, phone) {
  const raw = message.raw, sender = senderOf(raw), isMine = raw.from?.id === phone.person.id && !raw.sender_chat
  const said = serviceText(raw)
  const label = `${isMine ? 'You' : nameOf(sender)}, ${clock(raw.date)}`
  if (said) return h('div', { class: 'service', data: { number: raw.message_id, sender: 'service' }, dir: 'auto' }, said)
  const rows = (raw.reply_markup?.inline_keyboard ?? []).map((/** @type {Raw[]} */ row) => [...row])
  const body = h('div', { class: rows.length ? 'body has-keys' : 'body' }, inside(message, phone, isMine))
  if (message.paid) rows[0][0] = { ...rows[0][0], text: 'Receipt' }
  if (rows.length) body.append(keys(rows, (button, node) => phone.press(raw, button, node)))
  const isOver = raw.from?.is_bot && raw.edit_date && rows.flat().every(isDead) // a picture with a stamp on it
  if (raw.photo && message.file && !message.pending && !isOver) body.append(scans(raw, phone))
  const more = h('button', { type: 'button', class: 'icon more', tabindex: '-1', 'aria-label': 'What to do with this message', 'aria-haspopup': 'menu' }, icon('dots'))
  more.onclick = () => phone.offer(message, more)
  if (!message.pending) body.append(more)
  const node = h('article', { class: `msg${isMine ? ' mine' : ''}${message.pending ? ' pending' : ''}`, tabindex: '-1', 'aria-label': label, data: { number: raw.message_id, sender: `${sender.id}${raw.via_bot ? 'via' : ''}`, date: raw.date } })
  if (!isMine) node.append(avatar(sender))
  node.append(body)
  node.oncontextmenu = event => {
    if (message.pending || /** @type {Element} */ (event.target).closest('a, img') || String(getSelection())) return
    event.preventDefault()
    phone.offer(message, more, { x: event.clientX, y: event.clientY })
  }
  return node
}

/** @param {Message} message @param {Phone} phone @param {boolean} isMine */
function inside(message, phone, isMine) {
  const raw = message.raw, node = h('div', { class: 'bubble' }), sender = senderOf(raw)
  if (!isMine && (phone.isGroup || raw.sender_chat)) {
    const from = h('span', { class: 'from', dir: 'auto' }, nameOf(sender))
    node.append(from)
  }
  if (raw.via_bot) node.append(h('span', { class: 'origin' }, `via @${raw.via_bot.username}`))
  if (raw.forward_origin) node.append(h('span', { class: 'origin' }, `Forwarded from ${nameOf(raw.forward_origin.sender_user ?? raw.forward_origin.sender_chat ?? { first_name: raw.forward_origin.sender_user_name })}`))
  if (raw.reply_to_message) node.append(quote(raw.reply_to_message, () => phone.log.find(raw.reply_to_message.message_id)))
  if (raw.photo) node.append(picture(message, phone))
  if (raw.document) node.append(file(message))
  if (raw.contact) node.append(h('span', { class: 'origin' }, `Contact: ${nameOf(raw.contact)} ${raw.contact.phone_number}`))
  if (raw.invoice) node.append(h('b', {}, raw.invoice.title), h('p', {}, raw.invoice.description))
  const words = raw.text ?? raw.caption ?? ''
  if (words) node.append(rich(words, raw.entities ?? raw.caption_entities ?? [], phone))
  const about = message.pending ? 'waiting…' : `${raw.edit_date ? 'edited ' : ''}${clock(raw.date)}`
  node.append(h('span', { class: 'meta' }, about))
  return node
}

/** @param {Raw} raw @param {() => void} [go] */
export function quote(raw, go) {
  const kids = [h('b', { dir: 'auto' }, nameOf(senderOf(raw))), h('span', { dir: 'auto' }, brief(raw))]
  return go ? h('button', { type: 'button', class: 'quote', onclick: go }, ...kids) : h('div', { class: 'quote' }, ...kids)
}

/** @param {Message} message @param {Phone} phone */
function picture(message, phone) {
  const raw = message.raw, size = raw.photo[raw.photo.length - 1] ?? {}, what = raw.caption ? `Picture: ${raw.caption.split('\n')[0]}` : 'Picture'
  const image = h('img', { src: message.file, alt: what, width: size.width, height: size.height, decoding: 'async' })
  image.onerror = () => { image.alt = 'This picture is not kept any more' }
  return h('button', { type: 'button', class: 'picture', 'aria-label': `${what}: show it large`, onclick: () => phone.enlarge(image) }, image)
}

/** @param {Message} message */
function file(message) {
  const about = message.raw.document, name = about.file_name ?? 'File', size = about.file_size ?? 0
  const large = size < 1024 ? `${size} bytes` : size < 1048576 ? `${(size / 1024).toFixed(1)} KB` : `${(size / 1048576).toFixed(1)} MB`
  return h('a', { class: 'file', href: message.file, download: name }, h('span', { class: 'icon' }, icon('file')), h('span', {}, h('b', { dir: 'auto' }, name), h('small', {}, large)))
}

/** @param {Raw} raw @param {Phone} phone the phones of the others, held in front of this picture */
function scans(raw, phone) {
  const others = state.world.people.filter(person => person.id !== phone.person.id && !person.deleted && !person.blocked)
  const chips = others.slice(0, SCANS_SHOWN).map(person => h('button', { type: 'button', class: 'scan', dir: 'auto', onclick: () => phone.scanAs(person.id, raw) }, h('span', { class: 'unseen' }, 'Scan as '), nameOf(person)))
  return h('div', { class: 'scans' }, h('span', { class: 'label', 'aria-hidden': 'true' }, icon('scan'), 'Scan as'), chips)
}
