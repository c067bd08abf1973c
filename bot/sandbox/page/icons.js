// @ts-check
/** Drawn with one pen, so that they look alike on every system. */

/** @type {Record<string, string>} */
const PATHS = {
  send: 'M4 12 20 4l-5 16-3.5-6.5zM20 4 11.5 13.5',
  clip: 'M20 11.5 12 19.6a5 5 0 0 1-7.1-7.1l8.5-8.5a3.4 3.4 0 0 1 4.8 4.8L9.8 17a1.7 1.7 0 0 1-2.4-2.4l7.4-7.4',
  camera: 'M4 8h3l2-3h6l2 3h3v11H4zM12 16.5a3.3 3.3 0 1 0 0-6.6 3.3 3.3 0 0 0 0 6.6z',
  scan: 'M4 9V5.5A1.5 1.5 0 0 1 5.5 4H9M15 4h3.5A1.5 1.5 0 0 1 20 5.5V9M20 15v3.5a1.5 1.5 0 0 1-1.5 1.5H15M9 20H5.5A1.5 1.5 0 0 1 4 18.5V15M4 12h16',
  keys: 'M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M8 14h8',
  dots: 'M12 6h.01M12 12h.01M12 18h.01',
  reply: 'M10 8V4L3 11l7 7v-4c5 0 8 1.5 11 5-1-6-4-11-11-11z',
  forward: 'M14 8V4l7 7-7 7v-4c-5 0-8 1.5-11 5 1-6 4-11 11-11z',
  edit: 'M4 20h4L19 9l-4-4L4 16zM13.5 6.5l4 4',
  bin: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  link: 'M8 16 16 8M9 8h7v7',
  plus: 'M12 5v14M5 12h14',
  close: 'M6 6l12 12M18 6 6 18',
  file: 'M6 3h8l4 4v14H6zM14 3v4h4',
  wall: 'M4 4h16v16H4zM4 10h16M12 10v10',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z',
  system: 'M3 5h18v12H3zM9 21h6M12 17v4',
  check: 'M5 12.5 10 17.5 19.5 7',
  alert: 'M12 4 2.5 20h19zM12 10v4M12 17h.01',
  again: 'M20 11a8 8 0 1 0-2.3 6M20 4v7h-7',
  twice: 'M8 12.5 11 15.5 17 9M3 12.5 6 15.5M12 9l-2 2',
  slow: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 3',
  drop: 'M12 3c4 5 6 8 6 11a6 6 0 0 1-12 0c0-3 2-6 6-11z',
  cut: 'M6 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM6 21a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8.5 7.5 20 18M8.5 16.5 20 6',
  kill: 'M13 2 4 14h7l-1 8 9-12h-7z',
  day: 'M4 6h16v14H4zM4 10h16M8 3v4M16 3v4M10 15l2 2 4-4',
  gauge: 'M4 18a9 9 0 1 1 16 0M12 14l4-5',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 3.5-6.5 8-6.5s8 2.5 8 6.5',
  group: 'M9 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-3.5 3-5.5 6.5-5.5s6.5 2 6.5 5.5M16 5.5a3.5 3.5 0 0 1 0 6.5M18 14.8c2.200.8 3.500 2.600 3.500 5.200',
  block: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM5.700 5.700l12.600 12.600',
  door: 'M14 4H5v16h9M10 12h11M17 8l4 4-4 4',
  window: 'M4 5h16v14H4zM4 9h16',
  play: 'M7 4.500v15l12-7.500z',
  inline: 'M10 8V4L3 11l7 7v-4h11V8z',
}

/** @param {string} name @returns {SVGSVGElement} */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  for (const [key, value] of Object.entries({ viewBox: '0 0 24 24', fill: 'none', stroke: 'currentColor', 'stroke-width': '1.8', 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true' })) svg.setAttribute(key, value)
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  path.setAttribute('d', PATHS[name])
  if (name === 'dots') path.setAttribute('stroke-width', '2.6')
  svg.append(path)
  return svg
}
