// @ts-check
/**
 * What happens, as it happens. One window of this browser listens for all of them: a browser opens six connections to a
 * server, and every window has one less to ask with otherwise.
 */
import { get } from './api.js'
import { emit, putMessage, removeMessage, setLog, setWorld, state } from './state.js'

const channel = 'BroadcastChannel' in window ? new BroadcastChannel('tuppence-sandbox') : null

/** @param {any} told */
function tell(told) {
  channel?.postMessage(told)
  hear(told)
}

/** @param {any} told */
function hear(told) {
  if (told.what === 'line') return setOnline(told.isOnline)
  if (told.what === 'anybody') return leading && channel?.postMessage({ what: 'line', isOnline: state.isOnline })
  if (told.what === 'new' || told.what === 'edit') {
    if ('keyboard' in told && (told.message.raw.reply_markup?.keyboard || !isSame(told.keyboard, state.keyboards.get(told.chat)))) {
      state.keyboards.set(told.chat, told.keyboard)
      emit('keyboard', told.chat)
    }
    return putMessage(told.chat, told.message)
  }
  if (told.what === 'delete') return removeMessage(told.chat, told.message.raw.message_id)
  if (told.what === 'world') return renewWorld()
  emit(told.what, told)
}

/** @param {any} one @param {any} other every message says which keyboard is there: mostly the one that was */
function isSame(one, other) {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null)
}

/** @type {boolean} */
let leading = false
let isFirst = true

/** @param {boolean} isOnline */
async function setOnline(isOnline) {
  const came = isOnline && (!state.isOnline || isFirst)
  isFirst = false
  state.isOnline = isOnline
  emit('line')
  if (came) await refresh()
}

/** Read all anew: while nobody listened, anything may have happened. */
export async function refresh() {
  try {
    await renewWorld()
    await Promise.all([...state.logs.keys()].map(loadLog))
    emit('online')
  } catch { /* the line is told of by whoever listens */ }
}

let asked = 0

/** Who and what there is, anew; an answer that was overtaken by a later one is old. */
export async function renewWorld() {
  const mine = ++asked, told = new Map(state.told)
  try {
    const world = await get('/sandbox/world')
    if (mine === asked) setWorld(world, told)
  } catch { /* as above */ }
}

/** @param {number} chat what was told of meanwhile may be newer than the answer, which is then asked for again */
export async function loadLog(chat) {
  if (!state.logs.has(chat)) state.logs.set(chat, new Map())
  let told, messages
  do {
    told = state.told.get(chat)
    messages = await get(`/sandbox/messages?chat=${chat}`)
  } while (told !== state.told.get(chat))
  setLog(chat, messages)
}

export function listen() {
  channel?.addEventListener('message', event => hear(event.data))
  const lead = () => new Promise(() => {
    leading = true
    const source = new EventSource('/sandbox/events')
    source.onopen = () => tell({ what: 'line', isOnline: true })
    source.onerror = () => tell({ what: 'line', isOnline: false })
    source.onmessage = event => tell(JSON.parse(event.data))
  })
  if (channel && navigator.locks) {
    navigator.locks.request('tuppence-sandbox', lead)
    channel.postMessage({ what: 'anybody' })
  } else lead()
}
