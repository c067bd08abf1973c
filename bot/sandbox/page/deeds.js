// @ts-check
/** What can be done with a message, with a person, with a group: the menus' items. */
import { post } from './api.js'
import { nameOf } from './dom.js'
import { choosePlace, editPerson, newGroup } from './forms.js'
import { chatsOf, groupOf, personOf, state } from './state.js'

/** @import { Message } from './types.js' */
/** @import { Item } from './menu.js' */
/** @import { Phone } from './phone.js' */

/** @param {Phone} phone @param {Message} message @returns {Item[]} */
export function ofMessage(phone, message) {
  const { raw } = message, isOwn = raw.from?.id === phone.person.id && !message.bot, words = raw.text ?? raw.caption
  /** @type {Item[]} */
  const items = [{ text: 'Answer', icon: 'reply', run: () => phone.composer.answer(message) }]
  if (words) items.push({ text: 'Copy the text', icon: 'copy', run: () => phone.copy(words) })
  const places = chatsOf(phone.person.id).map(chat => groupOf(chat) ?? { ...state.world.bot, id: chat })
  items.push({ text: 'Forward…', icon: 'forward', run: () => choosePlace(phone.node, 'Forward to', places, to => phone.act('forward', { chat: phone.chat, message: raw.message_id, to }).then(() => phone.open(to))) })
  if (isOwn && words && !raw.forward_origin) items.push({ text: 'Edit', icon: 'edit', run: () => phone.composer.edit(message) })
  if (raw.photo) {
    const others = state.world.people.filter(one => !one.deleted && !one.blocked)
    items.push({ text: 'Scan as…', icon: 'scan', run: () => choosePlace(phone.node, 'Who scans it?', others, id => phone.scanAs(id, raw)) })
    items.push({ text: 'Send it to the bot as a photo', icon: 'send', run: () => phone.act('photo', { chat: phone.person.id, scan: { chat: phone.chat, message: raw.message_id } }).then(() => phone.open(phone.person.id)) })
  }
  items.push(null, { text: 'Delete', icon: 'bin', bad: true, run: () => phone.act('delete', { message: raw.message_id }) })
  return items
}

/** @param {Phone} phone @returns {Item[]} */
export function ofPhone(phone) {
  const { person, group } = phone
  return group ? ofGroup(phone, group.id) : ofPerson(phone, person.id)
}

/** @param {Phone} phone @param {number} id @returns {Item[]} */
function ofPerson(phone, id) {
  const person = /** @type {import('./types.js').Person} */ (personOf(id)), bot = state.world.bot.first_name
  /** @type {Item[]} */
  const items = [{ text: 'A window of their own', icon: 'window', run: () => { window.open(`#${person.username ?? person.id}`, '_blank') } }]
  if (person.deleted) return items
  items.push({ text: 'Change name or username…', icon: 'edit', run: () => editPerson(phone) })
  items.push({ text: 'New group…', icon: 'group', run: () => newGroup(phone.node, id) })
  const others = state.world.groups.filter(group => !group.members.includes(id) && !group.moved_to)
  if (others.length) items.push({ text: 'Join a group…', icon: 'door', run: () => choosePlace(phone.node, 'Join', others, group => phone.act('join', { group }).then(() => phone.open(group))) })
  items.push(null, person.blocked ? { text: `Unblock ${bot}`, icon: 'check', run: () => phone.act('unblock') } : { text: `Block ${bot}`, icon: 'block', bad: true, run: () => phone.act('block') })
  items.push({ text: 'Delete the account', icon: 'bin', bad: true, run: () => phone.sure(`Delete the account of ${nameOf(person)}?`, 'It cannot be brought back.', 'Delete', () => phone.act('delete_account')) })
  return items
}

/** @param {Phone} phone @param {number} id @returns {Item[]} */
function ofGroup(phone, id) {
  const group = /** @type {import('./types.js').Group} */ (groupOf(id)), bot = state.world.bot.first_name
  const rights = (/** @type {Record<string, boolean>} */ change) => phone.act('rights', { group: id, may_write: group.may_write, may_send_files: group.may_send_files, ...change })
  const others = state.world.people.filter(person => !group.members.includes(person.id) && !person.deleted)
  /** @type {Item[]} */
  const items = []
  if (others.length) items.push({ text: 'Add somebody…', icon: 'plus', run: () => choosePlace(phone.node, `Add to ${group.title}`, others, person => { post('join', { group: id, person }).catch(error => phone.toast(error.message)) }) })
  items.push({ text: group.may_write ? 'Forbid writing' : 'Allow writing', icon: 'block', run: () => rights({ may_write: !group.may_write }) })
  items.push({ text: group.may_send_files ? 'Forbid photos and files' : 'Allow photos and files', icon: 'file', run: () => rights({ may_send_files: !group.may_send_files }) })
  items.push({ text: group.bot_is_in ? `Remove ${bot}` : `Add ${bot}`, icon: 'user', run: () => rights({ bot_is_in: !group.bot_is_in }) })
  if (group.type === 'group') items.push({ text: 'Make it a supergroup', icon: 'group', run: () => phone.act('upgrade', { group: id }) })
  items.push(null, { text: 'Leave', icon: 'door', bad: true, run: () => phone.act('leave', { group: id }) })
  return items
}
