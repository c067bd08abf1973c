// @ts-check
/** What is known of the world: people, groups, messages; whoever shows it listens. */
import { keep, kept } from './dom.js'

/** @import { Group, Message, Person, World } from './types.js' */

export const state = {
  /** @type {World} */ world: { bot: { id: 0, first_name: 'Tuppence', username: '' }, people: [], groups: [], pending: 0, trouble: { twice: false, limits: false, cut: false }, wall: false, now: 0, operator: null },
  /** @type {Map<number, Map<number, Message>>} by chat, then by number */ logs: new Map(),
  /** @type {Map<number, any>} reply keyboards, by chat */ keyboards: new Map(),
  isOnline: true,
  /** @type {Map<number, number>} how often something was told of, by chat */ told: new Map(),
}

/** @type {Map<string, Set<(data: any) => void>>} */
const listeners = new Map()

/** @param {string} name @param {(data: any) => void} listener @returns {() => void} stops it */
export function on(name, listener) {
  const all = listeners.get(name) ?? new Set()
  listeners.set(name, all.add(listener))
  return () => all.delete(listener)
}

/** @param {string} name @param {any} [data] */
export function emit(name, data) {
  for (const listener of [...listeners.get(name) ?? []]) listener(data)
}

/** @param {number} id @returns {Person | undefined} */
export const personOf = id => state.world.people.find(person => person.id === id)
/** @param {number} id @returns {Group | undefined} */
export const groupOf = id => state.world.groups.find(group => group.id === id)
/** @param {number} person @returns {Group[]} */
export const groupsOf = person => state.world.groups.filter(group => group.members.includes(person) && !group.moved_to)
/** @param {number} person @returns {number[]} the chats somebody has: with the bot, and the groups */
export const chatsOf = person => [person, ...groupsOf(person).map(group => group.id)]

/** @param {World} world @param {Map<number, number>} [told] what was told of when it was asked for: what came since is newer */
export function setWorld(world, told) {
  for (const place of [...world.people, ...world.groups]) {
    if (told && told.get(place.id) !== state.told.get(place.id)) place.last = Math.max(place.last, (personOf(place.id) ?? groupOf(place.id))?.last ?? 0)
    else state.keyboards.set(place.id, place.keyboard)
  }
  state.world = world
  emit('world')
}

/** @param {number} chat @param {Message[]} messages all that are there */
export function setLog(chat, messages) {
  state.logs.set(chat, new Map(messages.map(message => [message.raw.message_id, message])))
  emit('log', chat)
}

/** @param {number} chat @param {Message} message */
export function putMessage(chat, message) {
  state.told.set(chat, (state.told.get(chat) ?? 0) + 1)
  const log = state.logs.get(chat), number = message.raw.message_id
  const place = personOf(chat) ?? groupOf(chat)
  if (place) place.last = Math.max(place.last, number)
  const isNew = !log?.has(number)
  log?.set(number, message)
  emit('message', { chat, message, isNew })
}

/** @param {number} chat @param {number} number */
export function removeMessage(chat, number) {
  state.told.set(chat, (state.told.get(chat) ?? 0) + 1)
  state.logs.get(chat)?.delete(number)
  emit('gone', { chat, number })
}

/** @param {number} person @param {number} chat */
export const readUpTo = (person, chat) => Number(kept(`read:${person}:${chat}`, '0'))

/** @param {number} person @param {number} chat */
export function markRead(person, chat) {
  const last = (personOf(chat) ?? groupOf(chat))?.last ?? 0
  if (readUpTo(person, chat) >= last) return
  keep(`read:${person}:${chat}`, String(last))
  emit('read', { person, chat })
}

/** @param {number} person @param {number} chat messages of others that this person has not seen */
export function unread(person, chat) {
  const read = readUpTo(person, chat), log = state.logs.get(chat)
  if (log) return [...log.values()].filter(message => message.raw.message_id > read && message.raw.from?.id !== person).length
  return Math.max(0, ((personOf(chat) ?? groupOf(chat))?.last ?? 0) - read)
}
