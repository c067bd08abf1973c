// @ts-check
/** The page comes up: theme, bar, people, and what happens from now on. */
import { byId, isTouched } from './dom.js'
import { get } from './api.js'
import { listen } from './events.js'
import { showFirst } from './first.js'
import { showPeople, shownPhones } from './people.js'
import { on, setWorld, state } from './state.js'
import { showTheme, themeButton } from './theme.js'
import { wallButton } from './wall.js'

showTheme()
byId('tools').append(themeButton())
showPeople()

on('line', () => {
  const banner = byId('banner')
  banner.hidden = state.isOnline
  banner.textContent = state.isOnline ? '' : 'The sandbox cannot be reached. What you write is kept, and sent when it is back.'
})
on('online', () => byId('phones').removeAttribute('aria-busy'))
on('world', () => { byId('bot-name').textContent = state.world.bot.first_name })

async function begin() {
  try { setWorld(await get('/sandbox/world')) } catch { setTimeout(begin, 1000); return }
  if (state.world.wall) byId('tools').prepend(wallButton())
  listen()
  if (!isTouched()) shownPhones()[0]?.composer.focus()
  await showFirst()
}

begin()
